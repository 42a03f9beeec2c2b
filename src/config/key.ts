import { excerpt } from '../text/excerpt.ts';
import { type Context, textError } from './context.ts';
import { getMap, getText, getTexts, type Mapping, type Text, type Tree } from './tree.ts';
import { type Measured, parseDuration, parseSize } from './units.ts';

/**
 * A key of the configuration. All that is said about it is said here once: its kind of value, its default, its description. The
 * check of the shape, the JSON Schema, the page of keys and the comments of `config.example.yaml` come from it or are compared
 * with it.
 */
export interface Key<Value = unknown, Default = unknown> {
  readonly kind: Kind;
  /** Description of the key, for editors, the page of keys and the example: a sentence without its capital letter and full stop. */
  readonly says: string;
  /** True if the block that it is in cannot be without it. */
  readonly isRequired: boolean;
  /** The value that holds without the key, as YAML gives it; null: no value stands for that. */
  readonly byDefault: Default;
  /** The behaviour without the key, after "without it", if no value stands for it; null: nothing is to be said. */
  readonly without: string | null;
  /** A right value as YAML writes it; null: the default is one. */
  readonly example: string | null;
  /** Reads the value of the key `name` in `map`. Reports a wrong value and goes on with the default. */
  read(context: Context, map: Mapping | null, name: string): Value;
}

/** The kind of a value: what YAML must give, and which bounds it has. */
export type Kind =
  | { readonly is: 'text' | 'texts' | 'list of texts' | 'flag' | 'port' }
  | { readonly is: 'duration' | 'size'; readonly from: string; readonly to: string }
  | { readonly is: 'integer'; readonly from: number; readonly to: number }
  | { readonly is: 'choice'; readonly options: readonly string[] }
  /** `may`: a text stands for the whole block in short, or the block may be empty. */
  | { readonly is: 'block'; readonly keys: Keys; readonly may: ReadonlySet<'be a text' | 'be empty'> }
  | { readonly is: 'list' | 'names'; readonly of: Key }
  /** One item, or a list of them; `accounts`: each item has the keys of the one. */
  | { readonly is: 'one or more' | 'accounts'; readonly of: Key };

export type Keys = Readonly<Record<string, Key>>;

/** The values of the keys of a block. */
export type Values<K extends Keys> = { readonly [N in keyof K]: K[N] extends Key<infer Value> ? Value : never };

/** The text and the default of a key. */
interface Says<Default> {
  readonly says: string;
  readonly isRequired?: true;
  readonly byDefault?: Default;
  readonly without?: string | null;
  readonly example?: string | null;
}

/** Reads a block: every key has its value or its default. */
export function readKeys<K extends Keys>(context: Context, map: Mapping | null, keys: K): Values<K> {
  const values = Object.entries(keys).map(([name, key]) => [name, key.read(context, map, name)]);
  return Object.fromEntries(values) as Values<K>;
}

/** A text, which its reader reads further. */
export const text = <const D extends string | null = null>(says: Says<D>): Key<Text | null, D> =>
  key({ is: 'text' }, says, (_, map, name) => getText(map, name));

/** A text, or a list of texts. */
export const texts = <const D extends readonly string[] | null = null>(says: Says<D>): Key<readonly Text[], D> =>
  key({ is: 'texts' }, says, (_, map, name) => getTexts(map, name));

export const listOfTexts = (says: Says<readonly string[]>): Key<readonly Text[], readonly string[]> =>
  key({ is: 'list of texts' }, says, (_, map, name) => getTexts(map, name));

/** True or false; false by default. */
export const flag = (says: Says<boolean>): Key<boolean, boolean> =>
  key({ is: 'flag' }, { byDefault: false, ...says }, (_, map, name) => {
    const value = map?.entries.get(name)?.value;
    return value?.kind === 'boolean' && value.value === true;
  });

/** One of a few words. */
export const choice = <const O extends readonly [string, ...string[]]>(
  options: O,
  says: Says<O[number]> & { readonly byDefault: O[number] },
): Key<O[number], O[number]> =>
  key({ is: 'choice', options }, says, (_, map, name) => {
    const written = getText(map, name)?.value;
    return options.find((option) => option === written) ?? says.byDefault;
  });

interface Bounds<Bound> {
  /** The least and the most, written as in the configuration. */
  readonly from: Bound;
  readonly to: Bound;
}

/** A length of time with its unit, in milliseconds; null without the key and a default. */
export function duration<const D extends string | null = null>(
  says: Says<D> & Bounds<string>,
): Key<D extends string ? number : number | null, D> {
  return measured('duration', says, parseDuration);
}

/** A size with its unit, in bytes. */
export function size<const D extends string>(says: Says<D> & Bounds<string>): Key<number, D> {
  return measured('size', says, parseSize) as Key<number, D>;
}

function measured<D extends string | null>(
  is: 'duration' | 'size',
  says: Says<D> & Bounds<string>,
  parse: (text: string, from: string, to: string) => Measured,
): Key<D extends string ? number : number | null, D> {
  const { from, to, byDefault } = says;
  const valueIn = (written: string | null | undefined) => {
    const parsed = written == null ? null : parse(written, from, to);
    return parsed?.outcome === 'value' ? parsed.value : null;
  };
  return key({ is, from, to }, says, (context, map, name) => {
    const written = getText(map, name);
    const parsed = written === null ? null : parse(written.value, from, to);
    if (parsed?.outcome === 'problem') textError(context, written!, 0, parsed.wrong, parsed.right);
    const value = parsed?.outcome === 'value' ? parsed.value : valueIn(byDefault);
    return value as D extends string ? number : number | null;
  });
}

/** A whole number; null without the key and a default. */
export function integer<const D extends number | null = null>(
  says: Says<D> & Bounds<number>,
): Key<D extends number ? number : number | null, D> {
  const { from, to, byDefault = null } = says;
  return key({ is: 'integer', from, to }, says, (context, map, name) => {
    const found = map?.entries.get(name)?.value;
    // What is not a whole number was reported when the shape was checked.
    const isWhole = found?.kind === 'number' && Number.isSafeInteger(found.value);
    const value = isWhole ? Number(found.value) : byDefault;
    const isWithin = value !== null && value >= from && value <= to;
    if (isWhole && !isWithin)
      context.report.error(found.offset, `${found.written} is out of bounds`, `write a number from ${from} to ${to}`);
    return (isWithin ? value : byDefault) as D extends number ? number : number | null;
  });
}

/** The number of a port; a text is what a variable gives: `"${PORT}"`. */
export const port = <const D extends number>(says: Says<D> & { readonly byDefault: D }): Key<number, D> =>
  key({ is: 'port' }, says, (context, map, name) => {
    const value = map?.entries.get(name)?.value;
    if (value?.kind !== 'number' && value?.kind !== 'text') return says.byDefault;
    const written = value.kind === 'text' ? value.value : String(value.value);
    const number = /^\d{1,5}$/.test(written) ? Number(written) : Number.NaN;
    if (number <= 65_535) return number;
    const right = 'write a number from 1 to 65535, or 0 for any free one';
    if (value.kind === 'text') textError(context, value, 0, `"${excerpt(written, 40)}" is not a port`, right);
    else context.report.error(value.offset, `${value.written} is not a port`, right);
    return says.byDefault;
  });

/** Two keys for a secret: one with its value, and one with the path of a file that holds it. */
export const secret = <N extends string>(
  name: N,
  says: string,
  rest: { readonly without?: string; readonly example?: string } = {},
) =>
  ({
    [name]: text({ says: `${says}; or ${name}_file`, ...rest }),
    [`${name}_file`]: text({ says: `the path of a file that holds the ${name}, instead of ${name}` }),
  }) as { readonly [K in N | `${N}_file`]: ReturnType<typeof text> };

/** Keys below a key. */
export const block = <K extends Keys>(
  keys: K,
  says: Says<null>,
  ...may: readonly ('be a text' | 'be empty')[]
): Key<Values<K>, null> =>
  key({ is: 'block', keys, may: new Set(may) }, says, (context, map, name) =>
    readKeys(context, getMap(map, name), keys),
  );

/** A list of blocks, or blocks under names of their own; each is read by itself. */
export const several = (is: 'list' | 'names', of: Key, says: Says<null>): Key<null, null> =>
  key({ is, of }, says, () => null);

/** One item or a list of them, each a block that a text may stand for; each is read by itself. */
export const oneOrMore = (of: Key, says: Says<null>): Key<readonly Tree[], null> =>
  key({ is: 'one or more', of }, says, (_, map, name) => {
    const value = map?.entries.get(name)?.value;
    if (value === undefined) return [];
    return value.kind === 'list' ? value.items : [value];
  });

/** The block of a platform's account, or a list of such blocks; each is read by itself. */
export const accounts = (of: Key, says: Says<null>): Key<null, null> => key({ is: 'accounts', of }, says, () => null);

function key<Value, Default>(
  kind: Kind,
  { says, isRequired, byDefault, without = null, example = null }: Says<Default>,
  read: Key<Value, Default>['read'],
): Key<Value, Default> {
  // Without a default the type parameter is null.
  const value = (byDefault ?? null) as Default;
  return { kind, says, isRequired: isRequired ?? false, byDefault: value, without, example, read };
}

/** The key at `path` below another; a step into a list or under a name leads to the key of its items. Null: there is none. */
export function keyAt(top: Key, path: readonly PropertyKey[]): Key | null {
  const [step, ...rest] = path;
  if (step === undefined) return top;
  const { kind } = top;
  if (kind.is === 'one or more' || kind.is === 'accounts')
    return typeof step === 'number' ? keyAt(kind.of, rest) : keyAt(kind.of, path);
  const next =
    kind.is === 'block' ? kind.keys[String(step)] : kind.is === 'list' || kind.is === 'names' ? kind.of : null;
  return next == null ? null : keyAt(next, rest);
}

/** The names of the keys that may stand at `path`; empty if any may, or none. */
export function knownKeys(top: Key, path: readonly PropertyKey[]): readonly string[] {
  const found = keyAt(top, path)?.kind;
  const kind = found?.is === 'one or more' || found?.is === 'accounts' ? found.of.kind : found;
  return kind?.is === 'block' ? Object.keys(kind.keys) : [];
}
