import { timeOf } from '../text/json.ts';
import type { Event } from '../words.ts';

/** The parts of an event that say when it happened. */
export type Timed = Pick<Event, 'type' | 'origin' | 'updatedAt' | 'object'>;

/**
 * Returns when an event happened by its row's own time, Unix milliseconds; null if the row has none. A fetched row
 * stands for its create, so it happened at its `created_at`, even if the row was changed since.
 */
export function happenedAt({ type, origin, updatedAt, object }: Timed): number | null {
  const writtenAt = timeOf(updatedAt);
  const { created_at: text } = object;
  const createdAt =
    origin === 'backfilled' && type === 'create' && typeof text === 'string' && isTime.test(text) ? timeOf(text) : null;
  if (createdAt === null || writtenAt === null) return createdAt ?? writtenAt;
  return Math.min(createdAt, writtenAt);
}

/** Date.parse accepts other texts too, and gives them any time. */
const isTime = /^\d{4}-\d\d-\d\dT/;
