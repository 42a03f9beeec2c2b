import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';
import type { Trx } from '../../store/tables.ts';
import { twinsOfOne } from '../../subject-rows/twins.ts';

/** Time within which the events of a card become one edit, ms. */
export const CARD_MERGE_MS = 1_000;
/** Shortest time between two redraws of a digest, ms. */
const DIGEST_MERGE_MS = 5_000;
/** Discord caps edits of messages older than an hour (error 30046): before that a digest goes on in a new message. */
export const EDITABLE_MS = 50 * 60_000;

interface Shows {
  readonly messageId: number | null;
  readonly kind: 'card' | 'digest';
}

/** The messages that show a subject, or that answer one which showed it: each found by an index, and none for most subjects. */
const showing = statement(
  (db, { subject, digestsSince }: { readonly subject: string; readonly digestsSince: number }) =>
    db
      .selectFrom('cards')
      .select(['message_id as messageId', sql.lit<Shows['kind']>('card').as('kind')])
      .where('subject', '=', subject)
      .where('state', '=', sql.lit('open'))
      .unionAll(
        db
          .selectFrom('digest_lines as l')
          .innerJoin('messages as m', 'm.id', 'l.message_id')
          .select(['m.id as messageId', sql.lit<Shows['kind']>('digest').as('kind')])
          .where('l.subject', '=', subject)
          .where('m.wave', 'is not', null)
          .where('m.created_at', '>', digestsSince),
      ),
);

const redrawFrom = statement((db, { id, at }: { readonly id: number; readonly at: number }) =>
  db
    .updateTable('messages')
    .set({ redraw_at: sql<number>`coalesce(redraw_at, ${at})`, news: sql<number>`news + 1` })
    .where('id', '=', id)
    .returning('room_id'),
);

/**
 * Notes, in the transaction that writes an event, that the messages which show its subject, or a twin of it, are to be drawn anew.
 * Returns the rooms that have such a message.
 */
export async function noteNews(trx: Trx, subject: string, now: number): Promise<readonly number[]> {
  const rooms = [...(await noteNewsOf(trx, subject, now))];
  for (const twin of await twinsOfOne(trx, subject)) rooms.push(...(await noteNewsOf(trx, twin, now)));
  return rooms;
}

/** Does the same for messages which show this subject. */
export async function noteNewsOf(trx: Trx, subject: string, now: number): Promise<readonly number[]> {
  const shown = await showing.all(trx, { subject, digestsSince: now - EDITABLE_MS });
  const rooms: number[] = [];
  for (const { messageId, kind } of shown) {
    if (messageId === null) continue;
    const row = await redrawFrom.first(trx, {
      id: messageId,
      at: now + (kind === 'card' ? CARD_MERGE_MS : DIGEST_MERGE_MS),
    });
    if (row !== undefined) rooms.push(row.room_id);
  }
  if (shown.every(({ messageId }) => messageId !== null)) return rooms;
  // Its last message cannot be changed any more: the news goes into a message that answers it, or into one in the
  // room that replaced its own.
  const answering = await trx
    .updateTable('cards')
    .set({ due_at: now + CARD_MERGE_MS })
    .where('subject', '=', subject)
    .where('state', '=', 'open')
    .where('message_id', 'is', null)
    .where('due_at', 'is', null)
    .where((e) => e.or([e('answers', 'is not', null), e('moved', '=', 1)]))
    .returning('room_id')
    .execute();
  return [...rooms, ...answering.map((row) => row.room_id)];
}

/** The change of a message that is to be drawn anew at an instant at the latest, since something happened to its subjects. */
export function staleFrom(at: number) {
  return { redraw_at: sql<number>`coalesce(redraw_at, ${at})`, news: sql<number>`news + 1` };
}
