import { parseArgs } from 'node:util';
import type { Mode, Row } from './row.ts';

/** A parsed command line. */
export type Wish =
  | { readonly kind: 'help' }
  | { readonly kind: 'soak'; readonly minutes: number }
  | { readonly kind: 'measure'; readonly rows: readonly Row[]; readonly mode: Mode; readonly writes: boolean }
  | { readonly kind: 'wrong'; readonly text: string };

const wrong = (text: string): Wish => ({ kind: 'wrong', text });
const defaultMinutes = '60';

const options = {
  quick: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  minutes: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Parses the arguments after `npm run bench --`. `env`: without the `--` npm takes options for itself, and passes them
 * on as `npm_config_…` (https://docs.npmjs.com/cli/v11/using-npm/config#environment-variables).
 */
export function readArguments(args: readonly string[], rows: readonly Row[], env: NodeJS.ProcessEnv): Wish {
  const taken = ['quick', 'write', 'minutes'].find((name) => env[`npm_config_${name}`] !== undefined);
  if (taken !== undefined)
    return wrong(`npm took --${taken} as its own: put -- before it, npm run bench -- --${taken}`);
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return wrong((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };
  if (positionals.includes('soak')) return readSoak(values, positionals);
  if (values.minutes !== undefined) return wrong('--minutes belongs to soak: npm run bench -- soak --minutes 60');
  const known = new Set(rows.flatMap(({ name, group }) => [name, group]));
  const unknown = positionals.filter((name) => !known.has(name));
  if (unknown.length > 0) return wrong(`no row is called ${unknown.join(', ')}; there are: ${[...known].join(', ')}`);
  if (values.write && positionals.length > 0)
    return wrong('--write writes all rows, so that all are of one commit: leave out the rows');
  const isChosen = ({ name, group }: Row) =>
    positionals.length === 0 || positionals.includes(name) || positionals.includes(group);
  return {
    kind: 'measure',
    rows: rows.filter(isChosen),
    mode: values.quick ? 'quick' : 'full',
    writes: values.write,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options,
  });
}

function readSoak(
  { quick, write, minutes = defaultMinutes }: ReturnType<typeof parse>['values'],
  words: readonly string[],
): Wish {
  if (words.length > 1 || quick || write) return wrong('soak runs alone: npm run bench -- soak --minutes 60');
  const number = Number(minutes);
  return Number.isSafeInteger(number) && number > 0
    ? { kind: 'soak', minutes: number }
    : wrong(`--minutes takes a whole number of 1 or more, not ${minutes}`);
}
