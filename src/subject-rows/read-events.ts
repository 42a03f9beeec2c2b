import { sql } from 'kysely';
import { storedEvent } from '../store/stored-event.ts';
import type { Trx } from '../store/tables.ts';
import type { Event } from '../words.ts';

/** Columns of up to several megabytes, on which no decision depends. */
export const longTexts: readonly string[] = ['body', 'markdown', 'why', 'comment', 'error_message'];

const paths = longTexts.map((column) => sql.lit(`$.${column}`));
/** The `object` of an event without its long texts. */
export const withoutTexts = sql<string>`json_remove(object, ${sql.join(paths)})`;

/**
 * Returns all events of subjects, in order of arrival, without long texts; for subjects with few events
 * (`known-post.ts` reads the others). At most `most` of them.
 */
export async function readEvents(
  db: Pick<Trx, 'selectFrom'>,
  subjects: readonly string[],
  most?: number,
): Promise<Map<string, Event[]>> {
  if (subjects.length === 0) return new Map();
  const rows = await db
    .selectFrom('events')
    .select(['source', 'model', 'class', 'role', 'row_id', 'type', 'subject', 'updated_at', 'received_at', 'origin'])
    .select(withoutTexts.as('object'))
    .where('subject', 'in', subjects)
    .orderBy('id')
    .$if(most !== undefined, (q) => q.limit(most!))
    .execute();
  return Map.groupBy(rows.map(storedEvent), ({ subject }) => subject);
}
