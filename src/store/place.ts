import { existsSync } from 'node:fs';
import { describeAddress, type PostgresAddress } from './postgres/address.ts';

/** The place of a store that lasts: a SQLite file, or a database on a PostgreSQL server. */
export type StorePlace =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'postgres'; readonly address: PostgresAddress };

/** Names a place for people, without a password. */
export function placeOf(place: StorePlace): string {
  return place.kind === 'sqlite' ? place.file : describeAddress(place.address);
}

/** Returns false if nothing can be there yet. A server is asked when it is opened. */
export function mayExist(place: StorePlace): boolean {
  return place.kind === 'postgres' || existsSync(place.file);
}
