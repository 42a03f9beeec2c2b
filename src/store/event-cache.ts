import type { Event, Json } from '../words.ts';
import { statement } from './statement.ts';
import { storedEvent } from './stored-event.ts';
import type { Database, Trx } from './tables.ts';

/** So much text of rows is kept, in UTF-16 units: some thousand events of ordinary length. */
const MOST_UNITS = 4_000_000;

/** Gives stored events by their ids. Those used last are kept parsed, since most go to several rooms. */
export interface EventCache {
  /** Gives an event. Throws if there is none, or if its row is not JSON. */
  get(eventId: number): Promise<Event>;
  /** Keeps an event that was just written. */
  put(eventId: number, event: Event): void;
  /** Rows of these events were changed. */
  forget(eventIds: readonly number[]): void;
}

const eventById = statement((db, { id }: { readonly id: number }) =>
  db
    .selectFrom('events')
    .select(['source', 'model', 'class', 'type', 'row_id', 'subject', 'updated_at', 'received_at', 'origin', 'object'])
    .where('id', '=', id),
);

/** Makes a cache over a database. */
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
  };
}

/** About how much text an event holds, in UTF-16 units: long texts stand at the top of a row, or one level below. */
export function unitsOf({ object }: Event): number {
  let units = 500;
  for (const value of Object.values(object)) units += lengthOf(value);
  return units;
}

function lengthOf(value: Json): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 8;
}
