/**
 * The configuration as it was read: plain values, each with its place in the file.
 *
 * `offset` is where a value begins, in UTF-16 units. What an alias stands for has the places of what it refers to.
 */
export type Tree = Text | Mapping | List | Other;

export interface Text {
  readonly kind: 'text';
  readonly offset: number;
  /** With the values of environment variables in it. */
  readonly value: string;
  /** As in the file, before variables were replaced: what a message may show. */
  readonly written: string;
  /** The environment variables whose values are in `value`: no message may show those. */
  readonly variables: readonly Variable[];
  readonly style: 'plain' | 'quoted' | 'block';
  /** Where a character of `value` stands in the file; what a variable gave stands where its `${` is. */
  at(index: number): number;
  readonly comment: Comment | null;
}

export interface Variable {
  readonly name: string;
  readonly value: string;
}

export interface Mapping {
  readonly kind: 'map';
  readonly offset: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  readonly keyOffset: number;
  readonly value: Tree;
}

export interface List {
  readonly kind: 'list';
  readonly offset: number;
  readonly items: readonly Tree[];
}

/** `broken`: it could not be read as it was meant, which has been reported; nothing more is to be said about it. */
export interface Other {
  readonly kind: 'number' | 'boolean' | 'null' | 'broken';
  readonly offset: number;
  readonly value: number | boolean | null;
  readonly written: string;
  readonly comment: Comment | null;
}

/** The text after ` #` on the line on which a value ends. */
export interface Comment {
  /** Where the `#` is. */
  readonly offset: number;
  /** With the `#`. */
  readonly text: string;
}

/** A value that could not be read as it was meant. */
export function brokenTree(offset: number): Tree {
  return { kind: 'broken', offset, value: null, written: '', comment: null };
}

export type Path = readonly (string | number)[];

/** Finds the value at `path`, or the nearest one above it. */
export function findTree(tree: Tree, path: Path): { found: Tree; keyOffset: number | null; complete: boolean } {
  let found = tree;
  let keyOffset: number | null = null;
  for (const step of path) {
    const entry = found.kind === 'map' ? found.entries.get(String(step)) : undefined;
    const next = entry?.value ?? (found.kind === 'list' ? found.items[Number(step)] : undefined);
    if (next === undefined) return { found, keyOffset, complete: false };
    found = next;
    keyOffset = entry?.keyOffset ?? null;
  }
  return { found, keyOffset, complete: true };
}

/** As plain JavaScript; what is broken is left out (undefined in a list). */
export function plainValue(tree: Tree): unknown {
  switch (tree.kind) {
    case 'text':
      return tree.value;
    case 'map': {
      const object: Record<string, unknown> = {};
      for (const [key, { value }] of tree.entries) if (value.kind !== 'broken') object[key] = plainValue(value);
      return object;
    }
    case 'list':
      return tree.items.map(plainValue);
    case 'broken':
      return undefined;
    case 'number':
    case 'boolean':
    case 'null':
      return tree.value;
    default:
      return tree satisfies never;
  }
}

/** The value at `key` if it is of that kind; what is of another kind has been reported when the shape was checked. */
export function getText(map: Mapping | null, key: string): Text | null {
  const value = map?.entries.get(key)?.value;
  return value?.kind === 'text' ? value : null;
}

export function getMap(map: Mapping | null, key: string): Mapping | null {
  const value = map?.entries.get(key)?.value;
  return value?.kind === 'map' ? value : null;
}

export function getList(map: Mapping | null, key: string): List | null {
  const value = map?.entries.get(key)?.value;
  return value?.kind === 'list' ? value : null;
}

/** One text or a list of them, as a list. */
export function getTexts(map: Mapping | null, key: string): readonly Text[] {
  const value = map?.entries.get(key)?.value;
  const items = value?.kind === 'list' ? value.items : value === undefined ? [] : [value];
  return items.filter((item) => item.kind === 'text');
}
