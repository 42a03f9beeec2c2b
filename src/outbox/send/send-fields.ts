import { eventTag, type LogFields } from '../../log.ts';
import type { StoredSend } from '../rows/send-row.ts';

/** Most events that a log line names. */
const MOST_LOGGED = 100;

/** Returns the fields of a log line about a send: by an event's id its whole way is found. */
export function fieldsOf({ id, subject }: StoredSend, events: readonly number[], room: string): LogFields {
  const named = { room, subject, send: id };
  return events.length === 0 ? named : { ...named, events: events.slice(0, MOST_LOGGED).map(eventTag) };
}
