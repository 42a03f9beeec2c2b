import type { Event, Json } from '../words.ts';
import { statement } from './statement.ts';
import { storedEvent } from './stored-event.ts';
import type { Database, Trx } from './tables.ts';

/** Limit of the cached rows, UTF-16 units of text: some thousand events of ordinary length. */
const MOST_UNITS = 4_000_000;

/** Returns stored events by their ids. The most recently used stay parsed, because most go to several rooms. */
export interface EventCache {
  /** Returns an event. Throws if it does not exist, or if its row is not JSON. */
  get(eventId: number): Promise<Event>;
  /** Adds an event that was just stored. */
  put(eventId: number, event: Event): void;
  /** Removes events whose rows were changed. */
  forget(eventIds: readonly number[]): void;
  /** Removes all: any row may have been changed. */
  clear(): void;
}

const eventById = statement((db, { id }: { readonly id: number }) =>
  db
    .selectFrom('events')
    .select([
      'source',
      'model',
      'class',
      'role',
      'type',
      'row_id',
      'subject',
      'updated_at',
      'received_at',
      'origin',
      'object',
      'texts',
    ])
    .where('id', '=', id),
);

/** Creates a cache over a database. */
export function createEventCache(db: Database | Trx): EventCache {
  const kept = new Map<number, { readonly event: Event; readonly units: number }>();
  let units = 0;

  function forget(eventId: number): void {
    const found = kept.get(eventId);
    if (found === undefined) return;
    kept.delete(eventId);
    units -= found.units;
  }

  function put(eventId: number, event: Event): void {
    forget(eventId);
    const length = unitsOf(event);
    if (length > MOST_UNITS / 8) return;
    kept.set(eventId, { event, units: length });
    units += length;
    for (const oldest of kept.keys()) {
      if (units <= MOST_UNITS) return;
      forget(oldest);
    }
  }

  return {
    async get(eventId) {
      const found = kept.get(eventId);
      if (found !== undefined) return found.event;
      const row = await eventById.first(db, { id: eventId });
      if (row === undefined) throw new Error(`event ${eventId} is not in the store`);
      const event = storedEvent(row);
      put(eventId, event);
      return event;
    },
    put,
    forget: (eventIds) => eventIds.forEach(forget),
    clear() {
      kept.clear();
      units = 0;
    },
  };
}

/** Estimates the text in an event, UTF-16 units. Long texts are at the top of a row, or one level below. */
export function unitsOf({ object }: Event): number {
  let units = 500;
  for (const value of Object.values(object)) units += lengthOf(value);
  return units;
}

function lengthOf(value: Json): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 8;
}
