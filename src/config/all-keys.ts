import type { Key } from './key.ts';

/** A key of the table, and where it is. */
export interface PlacedKey {
  /** `source.backfill.max_age`; `<name>` stands for any name, `[]` for an item of a list: `rooms.<name>.to`, `subscriptions[].events`. */
  readonly path: string;
  readonly key: Key;
}

/** Every key below another, in the order of the table. */
export function allKeys({ kind }: Key, path = ''): readonly PlacedKey[] {
  const withBelow = (inner: string, key: Key) => [{ path: inner, key }, ...allKeys(key, inner)];
  switch (kind.is) {
    case 'block':
      return Object.entries(kind.keys).flatMap(([name, key]) => withBelow(path === '' ? name : `${path}.${name}`, key));
    case 'list':
    case 'one or more':
      return allKeys(kind.of, `${path}[]`);
    // Most have one account, whose keys these are.
    case 'accounts':
      return allKeys(kind.of, path);
    case 'names':
      return withBelow(`${path}.<name>`, kind.of);
    default:
      return [];
  }
}
