import type { Event } from '../words.ts';
import { objectColumns, objectOfColumns } from './event-columns.ts';

/** Returns the event in a row of `events`; without its long texts if `texts` was not read. */
export function storedEvent(row: {
  source: string;
  model: string;
  class: string;
  role: Event['role'];
  type: Event['type'];
  row_id: string | null;
  subject: string;
  updated_at: string | null;
  received_at: number;
  origin: Event['origin'];
  object: string;
  texts?: string | null;
}): Event {
  return {
    source: row.source,
    model: row.model,
    class: row.class,
    role: row.role,
    type: row.type,
    rowId: row.row_id,
    subject: row.subject,
    updatedAt: row.updated_at,
    receivedAt: row.received_at,
    origin: row.origin,
    object: objectOfColumns(row),
  };
}

/** Returns the columns of `events` for an event. */
export function eventRow(event: Event) {
  return {
    source: event.source,
    model: event.model,
    class: event.class,
    role: event.role,
    row_id: event.rowId,
    type: event.type,
    subject: event.subject,
    updated_at: event.updatedAt,
    received_at: event.receivedAt,
    origin: event.origin,
    ...objectColumns(event.object, event.rowId),
  };
}
