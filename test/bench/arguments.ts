import { parseArgs } from 'node:util';
import type { Mode, Row } from './row.ts';

/** A parsed command line. */
export type Wish =
  | { readonly kind: 'help' }
  | { readonly kind: 'soak'; readonly minutes: number }
  | { readonly kind: 'move'; readonly events: number }
  | { readonly kind: 'measure'; readonly rows: readonly Row[]; readonly mode: Mode; readonly writes: boolean }
  | { readonly kind: 'wrong'; readonly text: string };

const wrong = (text: string): Wish => ({ kind: 'wrong', text });
/** The commands that are no rows, with the option of each and its default. */
const alone = {
  soak: { option: 'minutes', byDefault: 60 },
  move: { option: 'events', byDefault: 1_000_000 },
} as const;

const options = {
  quick: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  minutes: { type: 'string' },
  events: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Parses the arguments after `npm run bench --`. `env`: without the `--` npm takes options for itself, and passes them
 * on as `npm_config_…` (https://docs.npmjs.com/cli/v11/using-npm/config#environment-variables).
 */
export function readArguments(args: readonly string[], rows: readonly Row[], env: NodeJS.ProcessEnv): Wish {
  const taken = ['quick', 'write', 'minutes', 'events'].find((name) => env[`npm_config_${name}`] !== undefined);
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
  for (const name of ['soak', 'move'] as const) {
    const { option, byDefault } = alone[name];
    if (positionals.includes(name)) return readAlone(name, values, positionals);
    if (values[option] !== undefined)
      return wrong(`--${option} belongs to ${name}: npm run bench -- ${name} --${option} ${byDefault}`);
  }
  const known = new Set(rows.flatMap(({ name, group }) => [name, group]));
  const unknown = positionals.filter((name) => !known.has(name));
  if (unknown.length > 0) return wrong(`no row is called ${unknown.join(', ')}; there are: ${[...known].join(', ')}`);
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

function readAlone(
  name: keyof typeof alone,
  values: ReturnType<typeof parse>['values'],
  words: readonly string[],
): Wish {
  const { option, byDefault } = alone[name];
  const other = Object.values(alone).find((one) => one.option !== option && values[one.option] !== undefined);
  if (words.length > 1 || values.quick || values.write || other !== undefined)
    return wrong(`${name} runs alone: npm run bench -- ${name} --${option} ${byDefault}`);
  const written = values[option] ?? String(byDefault);
  const number = Number(written);
  if (!Number.isSafeInteger(number) || number < 1)
    return wrong(`--${option} takes a whole number of 1 or more, not ${written}`);
  return name === 'soak' ? { kind: 'soak', minutes: number } : { kind: 'move', events: number };
}
