import { sql } from 'kysely';
import type { Trx } from '../../store/tables.ts';

/** What happens to a card within so long is one edit, in milliseconds. */
export const CARD_MERGE_MS = 1_000;
/** A digest is drawn anew at most so often, in milliseconds. */
const DIGEST_MERGE_MS = 5_000;
/** Discord caps edits of messages older than an hour (error 30046): before that a digest goes on in a new message. */
export const EDITABLE_MS = 50 * 60_000;

/**
 * Notes, in the transaction that writes an event, that the messages which show its subject are to be drawn anew. Gives the rooms
 * that have such a message.
 */
export async function noteNews(trx: Trx, subject: string, now: number): Promise<readonly number[]> {
  const cards = trx
    .selectFrom('cards')
    .select('message_id')
    .where('subject', '=', subject)
    .where('state', '=', 'open')
    .where('message_id', 'is not', null);
  const shown = await trx
    .updateTable('messages')
    .set(staleFrom(now + CARD_MERGE_MS))
    .where('id', 'in', cards)
    .returning('room_id')
    .execute();
  // Its last message cannot be changed any more: what happens now goes into one that answers it.
  const answering = await trx
    .updateTable('cards')
    .set({ due_at: now + CARD_MERGE_MS })
    .where('subject', '=', subject)
    .where('state', '=', 'open')
    .where('message_id', 'is', null)
    .where('due_at', 'is', null)
    .where('answers', 'is not', null)
    .returning('room_id')
    .execute();
  const digests = await trx
    .updateTable('messages')
    .set(staleFrom(now + DIGEST_MERGE_MS))
    .where(sql<number>`wave is not null and created_at`, '>', now - EDITABLE_MS)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('deliveries as d')
          .select('d.id')
          .whereRef('d.message_id', '=', 'messages.id')
          .where('d.subject', '=', subject),
      ),
    )
    .returning('room_id')
    .execute();
  return [...shown, ...answering, ...digests].map((row) => row.room_id);
}

/** Something happened to what a message shows: it is drawn anew at an instant at the latest. */
export function staleFrom(at: number) {
  return { redraw_at: sql<number>`coalesce(redraw_at, ${at})`, news: sql<number>`news + 1` };
}
