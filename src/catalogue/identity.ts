import { createHash } from 'node:crypto';
import type { Event, Json } from '../words.ts';

/** The identity of an event, by which duplicates are dropped. */
export interface Identity {
  /** Equal for two events that are the same; made of source, model, id and type. */
  readonly key: string;
  /** Time after which an equal key means a new event, ms; null: never. */
  readonly forgetAfterMs: number | null;
}

/**
 * Time for which an event without id or `updated_at` is known by its content, ms. The same content may legitimately
 * come again, for example when a detector is switched off, on and off. Ten minutes cover a reconnection, which is what
 * repeats events.
 */
const tenMinutesMs = 10 * 60_000;

/** Returns JSON with sorted keys in every object, because their order varies between broadcasts. */
function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/**
 * Returns the identity of an event. Create and destroy happen once per id. An update is identified by its `updated_at`
 * and a hash of the row; without `updated_at` by the hash alone, for ten minutes. An event without a row is identified
 * by its hash in the same way.
 */
export function identify(event: Event): Identity {
  const parts = [event.source, event.model, event.rowId, event.type];
  if (event.rowId !== null && event.type !== 'update') return { key: JSON.stringify(parts), forgetAfterMs: null };
  const hash = hashOf(event);
  const known = event.rowId !== null && event.updatedAt !== null;
  return { key: JSON.stringify([...parts, event.updatedAt, hash]), forgetAfterMs: known ? null : tenMinutesMs };
}

/**
 * Returns the identity of a fetched row that only refreshes a known one. It is neither a create nor an update that the
 * source would send.
 */
export function identifyKnown(event: Event): Identity {
  const key = JSON.stringify([event.source, event.model, event.rowId, 'known', hashOf(event)]);
  return { key, forgetAfterMs: null };
}

/** The site of a report is left out: it is not a column, and may be known by its id only later. */
function hashOf({ role, object }: Event): string {
  const { site, ...columns } = object;
  return createHash('sha256')
    .update(canonical(role === 'report' ? columns : object))
    .digest('base64url');
}
