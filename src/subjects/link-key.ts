import type { Event } from '../words.ts';

/**
 * Longest link that is compared with others, UTF-16 units. A link to a post has some 200; PostgreSQL's index takes 2,700 bytes:
 * https://www.postgresql.org/docs/current/btree.html
 */
const LONGEST = 600;

/**
 * Returns the link of a reported post in the form in which equal links are equal texts: without the protocol, as
 * metasmoke sends it; null if the event has none, or one that is too long. Reports with equal links are twins.
 */
export function linkKeyOf({ role, object: { link } }: Pick<Event, 'role' | 'object'>): string | null {
  if (role !== 'report' || typeof link !== 'string') return null;
  const key = link.replace(/^https?:(?=\/\/)/i, '');
  return key === '' || key.length > LONGEST ? null : key;
}
