import { excerpt } from '../text/excerpt.ts';
import { type Context, textError, textWarning } from './context.ts';
import type { IdRules } from './platform.ts';
import type { Text } from './tree.ts';

/** The ids of one kind, each once. What is not such an id is reported and left out. `kind` is what they are together. */
export function readIds(
  context: Context,
  texts: readonly Text[],
  rules: readonly IdRules[],
  kind = rules.map((one) => one.kind).join(' or '),
): readonly string[] {
  const ids = texts.flatMap((text) => {
    const written = text.value.trim();
    const right = rules.find((one) => one.isId(written));
    if (right !== undefined) {
      const doubt = right.doubt(written);
      if (doubt !== null) textWarning(context, text, 0, doubt.wrong, doubt.right);
      return [written];
    }
    const [meant] = rules.flatMap((one) => one.meant(written) ?? []);
    const example = rules.map((one) => one.right).join(', or ');
    const remedy = meant === undefined ? `write ${example}` : `write "${meant}"`;
    textError(context, text, 0, `"${excerpt(written, 64)}" is not a ${kind}`, remedy);
    return [];
  });
  return [...new Set(ids)];
}
