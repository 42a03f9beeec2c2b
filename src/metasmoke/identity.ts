import { createHash } from 'node:crypto';
import type { Event, Json } from '../words.ts';

/** By what an event is known, so that it is taken once. */
export interface Identity {
  /** Equal for two events that are the same one; says the source, model, id and what happened. */
  readonly key: string;
  /** After how many milliseconds an equal key means a new event; null: never. */
  readonly forgetAfterMs: number | null;
}

/**
 * What has no id or no `updated_at` can only be known by its content, and the same content may well come again:
 * a detector that is switched off, on and off. Ten minutes cover a reconnection, which is what repeats events.
 */
const tenMinutesMs = 10 * 60_000;

/** JSON with the keys of every object sorted, since their order varies from one broadcast to the next. */
function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/**
 * Create and destroy happen once to an id. An update is known by its `updated_at` and a hash of the row; without
 * `updated_at` by the hash alone, and then only for ten minutes. What has no row is known by its hash likewise.
 */
export function identify(event: Event): Identity {
  const parts = [event.source, event.model, event.rowId, event.type];
  if (event.rowId !== null && event.type !== 'update') return { key: JSON.stringify(parts), forgetAfterMs: null };
  const hash = hashOf(event);
  const known = event.rowId !== null && event.updatedAt !== null;
  return { key: JSON.stringify([...parts, event.updatedAt, hash]), forgetAfterMs: known ? null : tenMinutesMs };
}

/** A fetched row that only refreshes what is known of it is no create, and no update that the source would tell of. */
export function identifyKnown(event: Event): Identity {
  const key = JSON.stringify([event.source, event.model, event.rowId, 'known', hashOf(event)]);
  return { key, forgetAfterMs: null };
}

function hashOf({ object }: Event): string {
  return createHash('sha256').update(canonical(object)).digest('base64url');
}
