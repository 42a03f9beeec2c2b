import type { Key } from '../../src/config/key.ts';

/** A key of the table, and where it stands: `rooms.<name>.to`, `subscriptions.-.events`. */
export interface PlacedKey {
  readonly path: string;
  readonly name: string;
  readonly key: Key;
}

/** Every key below another, in the order of the table. */
export function allKeys({ kind }: Key, at = ''): readonly PlacedKey[] {
  switch (kind.is) {
    case 'block':
      return Object.entries(kind.keys).flatMap(([name, key]) => {
        const path = `${at}${name}`;
        return [{ path, name, key }, ...allKeys(key, `${path}.`)];
      });
    case 'list':
      return allKeys(kind.of, `${at}-.`);
    case 'names':
      return allKeys(kind.of, `${at}<name>.`);
    default:
      return [];
  }
}
