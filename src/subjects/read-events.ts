import { sql } from 'kysely';
import { storedEvent } from '../store/stored-event.ts';
import type { Trx } from '../store/tables.ts';
import type { Event } from '../words.ts';

/** So many of the newest events of the subjects that are asked for together are looked at. */
const mostEvents = 5_000;

/** Columns that may have megabytes, and that nothing is decided by. */
export const longTexts: readonly string[] = ['body', 'markdown', 'why', 'comment', 'error_message'];
const paths = longTexts.map((column) => sql.lit(`$.${column}`));

/** The events of one subject, in the order of their arrival. */
export async function eventsOf(
  db: Pick<Trx, 'selectFrom'>,
  subject: string,
  texts: 'with' | 'without',
): Promise<readonly Event[]> {
  return (await readEvents(db, [subject], texts)).get(subject) ?? [];
}

/** The events of subjects, in the order of their arrival. `texts`: `without` leaves out the long ones, which may have megabytes. */
export async function readEvents(
  db: Pick<Trx, 'selectFrom'>,
  subjects: readonly string[],
  texts: 'with' | 'without',
): Promise<Map<string, Event[]>> {
  if (subjects.length === 0) return new Map();
  const rows = await db
    .selectFrom('events')
    .select(['source', 'model', 'class', 'row_id', 'type', 'subject', 'updated_at', 'received_at', 'origin'])
    .select(texts === 'with' ? 'object' : sql<string>`json_remove(object, ${sql.join(paths)})`.as('object'))
    .where('subject', 'in', subjects)
    .orderBy('id', 'desc')
    .limit(mostEvents)
    .execute();
  return Map.groupBy(rows.reverse().map(storedEvent), ({ subject }) => subject);
}
