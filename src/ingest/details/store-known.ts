import { identifyKnown } from '../../catalogue/identity.ts';
import { noteNews } from '../../outbox/rows/note-news.ts';
import { eventRow } from '../../store/stored-event.ts';
import type { Trx } from '../../store/tables.ts';
import { readTheseRows } from '../../subject-rows/post-parts.ts';
import { noteLinks } from '../../subject-rows/twins.ts';
import type { Row } from '../../subjects/fold-rows.ts';
import type { Event } from '../../words.ts';
import { addsNews } from './adds-news.ts';

/**
 * Stores fetched rows of one subject with new facts, as events that no room gets: the create or update
 * that the source may still send is not a duplicate. Returns the rooms that show the subject, if anything was stored.
 */
export async function storeKnown(trx: Trx, fetched: readonly Event[], now: number): Promise<readonly number[]> {
  const [first] = fetched;
  if (first === undefined) return [];
  const { subject } = first;
  const rows = await readTheseRows(trx, subject, fetched);
  const of = ({ role, rowId }: Event): Row | undefined => rows.find((row) => row.role === role && row.id === rowId);
  const news = fetched.filter((event) => event.subject === subject && addsNews(event.object, of(event)));
  let isStored = false;
  for (const event of news) {
    const { numInsertedOrUpdatedRows: count } = await trx
      .insertInto('events')
      .values({
        ...eventRow({ ...event, type: 'update', receivedAt: now, origin: 'backfilled' }),
        identity: identifyKnown(event).key,
        forget_at: null,
        state: 'routed',
        failure: null,
      })
      .onConflict((c) => c.column('identity').doNothing())
      .executeTakeFirstOrThrow();
    isStored ||= (count ?? 0n) > 0n;
  }
  if (isStored) await noteLinks(trx, news);
  return isStored ? noteNews(trx, subject, now) : [];
}
