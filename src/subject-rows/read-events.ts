import { storedEvent } from '../store/stored-event.ts';
import type { Trx } from '../store/tables.ts';
import type { Event } from '../words.ts';

/** Selects the columns of events for `storedEvent`, without long texts. */
export function selectEvents(db: Pick<Trx, 'selectFrom'>) {
  return db
    .selectFrom('events')
    .select(['source', 'model', 'class', 'role', 'row_id', 'type', 'subject', 'updated_at', 'received_at', 'origin'])
    .select('object');
}

/** Returns the newest event of each subject, without long texts. */
export async function readNewest(
  db: Pick<Trx, 'selectFrom'>,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, Event>> {
  if (subjects.length === 0) return new Map();
  const ids = db
    .selectFrom('events')
    .select((s) => s.fn.max('id').as('id'))
    .where('subject', 'in', subjects)
    .groupBy('subject');
  const rows = await selectEvents(db).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.subject, storedEvent(row)]));
}

/**
 * Returns all events of subjects, in order of arrival, without long texts; for subjects with few events
 * (`post-parts.ts` reads the others). At most `most` of them.
 */
export async function readEvents(
  db: Pick<Trx, 'selectFrom'>,
  subjects: readonly string[],
  most?: number,
): Promise<Map<string, Event[]>> {
  if (subjects.length === 0) return new Map();
  const rows = await selectEvents(db)
    .where('subject', 'in', subjects)
    .orderBy('id')
    .$if(most !== undefined, (q) => q.limit(most!))
    .execute();
  return Map.groupBy(rows.map(storedEvent), ({ subject }) => subject);
}
