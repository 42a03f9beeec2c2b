import { existsSync } from 'node:fs';
import type { Context } from '../config/context.ts';
import { createLines } from '../config/lines.ts';
import { readStore } from '../config/read-store.ts';
import { readYaml } from '../config/read-yaml.ts';
import { createReport } from '../config/report.ts';
import type { StorePlace } from '../store/place.ts';
import { shownLine } from '../text/shown.ts';
import { extensions } from './extensions.ts';

/** A store as options of the command line name it. */
export interface NamedPlace {
  /** The option: `--from`. */
  readonly option: string;
  /** As `store:` names it in the configuration. */
  readonly url: string;
  readonly passwordFile: string | undefined;
  /** True if a file must be there. */
  readonly mustExist: boolean;
}

export type ReadPlace =
  | { readonly outcome: 'place'; readonly place: StorePlace; readonly warnings: readonly string[] }
  | { readonly outcome: 'wrong'; readonly problems: readonly string[] };

/** Reads the place of a store by the rules of the configuration. Relative paths begin in the present folder. */
export function readPlace({ option, url, passwordFile, mustExist }: NamedPlace): ReadPlace {
  const isServer = /^postgres(?:ql)?:/.test(url);
  if (url === 'memory') return wrong(`${option} memory: that store ends with its process: there is nothing to move`);
  if (!isServer && !url.startsWith('sqlite:'))
    return wrong(
      `${option} ${shownLine(url)}: write sqlite:${url.includes(':') ? 'lookout.db' : shownLine(url)}, or postgres://user@server/database`,
    );
  const file = isServer ? '' : url.slice('sqlite:'.length);
  if (mustExist && file !== '' && !existsSync(file))
    return wrong(`${option}: ${shownLine(file)} does not exist: name the file that Lookout has used until now`);
  const store = { url, ...(isServer && passwordFile !== undefined ? { password_file: passwordFile } : {}) };
  const text = JSON.stringify({ store });
  const lines = createLines(text);
  const report = createReport(option, lines);
  // The shell has replaced its variables already.
  const tree = readYaml(text.replaceAll('${', '$${'), { lines, environment: {}, report, platforms: [] });
  const context: Context = {
    report,
    platforms: [],
    inputs: extensions.inputs,
    directory: process.cwd(),
    isReadableByOthers: false,
    isLasting: true,
    secrets: [],
  };
  const read = tree?.kind === 'map' ? readStore(context, tree) : null;
  const said = report.problems.map((one) => shownLine(`${option}: ${one.wrong}: ${one.right}`));
  if (read === null || read.kind === 'memory' || report.problems.some(({ severity }) => severity === 'error'))
    return { outcome: 'wrong', problems: said };
  return { outcome: 'place', place: read, warnings: said };
}

function wrong(problem: string): ReadPlace {
  return { outcome: 'wrong', problems: [problem] };
}
