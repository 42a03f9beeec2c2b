import { sql } from 'kysely';
import { anyPostSubject, postIdOf } from '../catalogue/subject.ts';
import { endsWith } from '../store/sql.ts';
import type { Database } from '../store/tables.ts';

/** Returns the subjects of the posts that a message of a room shows, in their order; none if it is not a message of ours. */
export async function postsOfMessage(db: Database, roomId: number, platformId: string): Promise<readonly string[]> {
  const messages = db.selectFrom('messages').select(['id', 'subject']).where('room_id', '=', roomId);
  const message =
    (await messages.where('platform_id', '=', platformId).executeTakeFirst()) ??
    // In a thread its id may be `<thread>/<message>`.
    (await messages.where(endsWith('platform_id', `/${platformId}`)).executeTakeFirst());
  if (message === undefined) return [];
  const { id, subject } = message;
  const carried = await db
    .selectFrom('deliveries')
    .select('subject')
    .where('message_id', '=', id)
    .orderBy('slot')
    .execute();
  const cards = await db.selectFrom('cards').select('subject').where('message_id', '=', id).orderBy('slot').execute();
  const subjects = [...carried, ...cards].map((row) => row.subject);
  return [...new Set(subjects.length > 0 ? subjects : [subject])].filter((one) => postIdOf(one) !== null);
}

/** Returns the subject of the newest report that a room shows; null if there is none. */
export async function newestReport(db: Database, roomId: number): Promise<string | null> {
  const row = await db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select('d.subject')
    .where('d.room_id', '=', roomId)
    .where('d.state', '=', 'sent')
    .where('d.subject', 'like', anyPostSubject)
    .where('e.role', '=', sql.lit('report'))
    .where('e.type', '=', sql.lit('create'))
    .orderBy('d.event_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.subject ?? null;
}
