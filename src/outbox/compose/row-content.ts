import type { Event, EventObject, Json } from '../../words.ts';

/** Columns that say when a row was last touched, and nothing about it: `updated_at`, `last_ping`, `last_api_update`. */
const touched = /^(?:updated_at|last_\w+)$/;
const isTime = /^\d{4}-\d\d-\d\dT/;

const known = new WeakMap<Event, Event>();

/**
 * Returns the event whose message is compared with others about the same row: what an update of it would show, without
 * the times of its arrival and of its last change. It is equal for a create and an update that say the same, whatever
 * their templates call them. Returns the same event for the same one.
 */
export function rowContentOf(event: Event): Event {
  const found = known.get(event);
  if (found !== undefined) return found;
  const object = untouched(event.object);
  const content: Event = { ...event, type: 'update', origin: 'live', updatedAt: null, receivedAt: 0, object };
  known.set(event, content);
  return content;
}

function untouched(object: EventObject): EventObject {
  return Object.fromEntries(
    Object.entries(object).map(([column, value]) => [
      column,
      touched.test(column) && isTimeOrNull(value) ? null : value,
    ]),
  );
}

const isTimeOrNull = (value: Json) => value === null || (typeof value === 'string' && isTime.test(value));
