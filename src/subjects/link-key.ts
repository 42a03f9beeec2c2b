import type { Event } from '../words.ts';

/**
 * Returns the link of a reported post in the form in which equal links are equal texts: without the protocol, as
 * metasmoke sends it; null if the event has none. Reports with equal links are twins.
 */
export function linkKeyOf({ role, object: { link } }: Pick<Event, 'role' | 'object'>): string | null {
  if (role !== 'report' || typeof link !== 'string') return null;
  return link.replace(/^https?:(?=\/\/)/i, '') || null;
}
