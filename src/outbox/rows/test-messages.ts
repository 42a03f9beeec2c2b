import { type SqlBool, sql } from 'kysely';
import { writeNotice } from '../../notices/write-notice.ts';
import type { Message } from '../../render/message.ts';
import type { Database } from '../../store/tables.ts';
import { dropDeadLetter } from './dead-letters.ts';

/** The subject of test messages. A room has at most one that waits. */
const SUBJECT = 'test';

const hasNoDeadLetter = sql<SqlBool>`not exists (
  select 1 from sends as s where s.message_id = m.id and s.state = 'dead')`;

/** The test message of a room. */
export interface TestMessage {
  readonly id: number;
  /** True if an earlier one still waited, so that it stands for this one. */
  readonly isEarlier: boolean;
}

/** Returns the test message that waits in a room; writes one if none does. `now`: Unix milliseconds. */
export async function keepTestMessage(
  db: Database,
  { roomId, message, now }: { readonly roomId: number; readonly message: Message; readonly now: number },
): Promise<TestMessage> {
  return db.transaction().execute(async (trx) => {
    const waiting = trx
      .selectFrom('messages as m')
      .select('m.id')
      .where('room_id', '=', roomId)
      .where('kind', '=', 'notice')
      .where('subject', '=', SUBJECT)
      .where('content', 'is not', null)
      .where(hasNoDeadLetter)
      .orderBy('m.id', 'desc');
    const earlier = await waiting.executeTakeFirst();
    if (earlier !== undefined) return { id: earlier.id, isEarlier: true };
    await writeNotice(trx, { roomId, subject: SUBJECT, message, now });
    return { id: (await waiting.executeTakeFirstOrThrow()).id, isEarlier: false };
  });
}

/** The fate of a test message so far. */
export type TestFate =
  | { readonly state: 'waiting'; readonly roomId: number }
  /** It left, and there is no clear answer yet. */
  | { readonly state: 'sending'; readonly roomId: number; readonly attempts: number }
  | { readonly state: 'shown'; readonly roomId: number; readonly platformId: string }
  | { readonly state: 'dead'; readonly roomId: number; readonly reason: string; readonly letter: string };

export async function readTestFate(db: Database, id: number): Promise<TestFate> {
  const row = await db
    .selectFrom('messages as m')
    .leftJoin('sends as s', (join) => join.onRef('s.message_id', '=', 'm.id').on('s.state', 'in', ['pending', 'dead']))
    .select(['m.room_id', 'm.platform_id', 's.id as send', 's.state', 's.reason', 's.attempts'])
    .where('m.id', '=', id)
    .executeTakeFirstOrThrow();
  const { room_id: roomId, platform_id: platformId, state, reason, attempts } = row;
  if (platformId !== null) return { state: 'shown', roomId, platformId };
  if (state === 'dead') return { state, roomId, reason: reason ?? '', letter: `s${row.send}` };
  return state === null ? { state: 'waiting', roomId } : { state: 'sending', roomId, attempts: attempts ?? 1 };
}

/** Drops a test message that became a dead letter: the person who asked for it is told why at once. */
export async function dropTestMessage(db: Database, letter: string, now: number): Promise<void> {
  await dropDeadLetter(db, letter, now);
}
