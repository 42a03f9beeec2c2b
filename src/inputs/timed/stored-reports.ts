import { storedEvent } from '../../store/stored-event.ts';
import type { Database } from '../../store/tables.ts';
import { selectEvents } from '../../subject-rows/read-events.ts';
import type { Event } from '../../words.ts';

/** Number of reports read in one turn of the event loop. */
const READ_AT_ONCE = 500;

/** Reads the stored reports since an instant (Unix milliseconds) in small batches, because there are many after a flood. */
export async function* reportsSince(db: Database, since: number): AsyncGenerator<readonly Event[]> {
  const first = await db
    .selectFrom('events')
    .select((s) => s.fn.min<number | null>('id').as('id'))
    .where('received_at', '>', since)
    .executeTakeFirst();
  for (let after = first?.id == null ? undefined : first.id - 1; after !== undefined; ) {
    const rows = await selectEvents(db)
      .select('id')
      .where('id', '>', after)
      .where('received_at', '>', since)
      .where('role', '=', 'report')
      .where('type', '=', 'create')
      .orderBy('id')
      .limit(READ_AT_ONCE)
      .execute();
    yield rows.map(storedEvent);
    after = rows.length < READ_AT_ONCE ? undefined : rows.at(-1)?.id;
  }
}
