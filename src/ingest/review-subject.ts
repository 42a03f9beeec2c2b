import { sql } from 'kysely';
import { anyPostSubject, idText, postIdOf } from '../catalogue/subject.ts';
import type { Trx } from '../store/tables.ts';
import { foldTaken } from '../subject-rows/fold-store.ts';
import type { Event } from '../words.ts';

/** An event with the post of its review item as its subject, and the ids of stored events that got a post as theirs. */
export interface Reviewed {
  readonly event: Event;
  readonly moved: readonly number[];
}

/**
 * A review's result names its item, and only the item names the post. Returns the event with the post as its subject if the item
 * is known; an item also changes the results that came before it.
 */
export async function withReviewSubject(trx: Trx, event: Event): Promise<Reviewed> {
  const moved = event.role === 'review_item' ? await takeResults(trx, event) : [];
  return { event: await withSubjectOfItem(trx, event), moved };
}

async function withSubjectOfItem(trx: Trx, event: Event): Promise<Event> {
  const item = event.role === 'review' ? idText(event.object.review_item_id) : null;
  if (item === null) return event;
  const known = await trx
    .selectFrom('events')
    .select('subject')
    .where('role', '=', sql.lit('review_item'))
    .where('row_id', '=', item)
    .where('source', '=', event.source)
    .where('subject', 'like', anyPostSubject)
    .executeTakeFirst();
  return known === undefined ? event : { ...event, subject: known.subject };
}

/** Gives the results of an item that came before it the item's post as their subject. Returns the ids of their events. */
async function takeResults(trx: Trx, item: Event): Promise<readonly number[]> {
  if (postIdOf(item.subject) === null || item.rowId === null) return [];
  const results = await trx
    .updateTable('events')
    .set({ subject: item.subject })
    .where('role', '=', 'review')
    .where('source', '=', item.source)
    // A range, which the index of subjects serves: only those that no item changed yet.
    .where('subject', '>=', 'review_result:')
    .where('subject', '<', 'review_result;')
    .where('review_item', '=', item.rowId)
    .returning('id')
    .execute();
  if (results.length === 0) return [];
  const ids = results.map(({ id }) => id);
  await trx.updateTable('deliveries').set({ subject: item.subject }).where('event_id', 'in', ids).execute();
  await foldTaken(trx, item.subject, ids);
  return ids;
}
