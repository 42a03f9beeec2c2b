import type { Extensions } from './extensions.ts';
import type { PlatformRules } from './platform.ts';
import type { Report } from './report.ts';
import { getTexts, type Mapping, type Text } from './tree.ts';

/**
 * Returns the platforms that a configuration may name: Lookout's, and those that `adapters:` loads; null if one of these
 * is wrong, which is reported.
 */
export function readAdapters<P extends PlatformRules>(
  top: Mapping,
  { platforms, loadPlatform }: Extensions<P>,
  { directory, report }: { readonly directory: string; readonly report: Report },
): readonly P[] | null {
  const names = adapterNames(top);
  // The same list, for which the keys are known.
  if (names.length === 0) return platforms;
  const all = [...platforms];
  let isGood = true;
  const wrong = (text: Text, what: string, right: string) => {
    isGood = false;
    report.error(text.offset, what, right);
  };
  for (const written of names) {
    const found = loadPlatform(written.value, directory);
    if (found.outcome === 'problem') wrong(written, found.wrong, found.right);
    else if (!/^[a-z]+$/.test(found.platform.name))
      wrong(written, `the name of its chat is not a lower-case word`, 'update the adapter');
    else if (all.some(({ name }) => name === found.platform.name))
      wrong(written, `there is a chat "${found.platform.name}" already`, 'remove this adapter');
    else all.push(found.platform);
  }
  return isGood ? all : null;
}

/** Returns the packages and files that `adapters:` names. */
export function adapterNames(top: Mapping): readonly Text[] {
  return getTexts(top, 'adapters');
}
