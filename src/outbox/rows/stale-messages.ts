import type { NotNull } from 'kysely';
import type { Database, Trx } from '../../store/tables.ts';
import { hasNoOpenSend } from './open-send.ts';

/** A message that the room shows, and that changes. */
export interface ShownMessage {
  readonly id: number;
  /** `messages.news` when it was looked at. */
  readonly news: number;
  readonly platformId: string;
  readonly subject: string;
}

/** A message that does not show all that is known. */
export interface StaleMessage extends ShownMessage {
  /** Whether it is a digest of a wave. */
  readonly isWave: boolean;
  /** A hash of what it shows; null: not known. */
  readonly shown: string | null;
  /** The subscription for which it pinged somebody when it was new; null: nobody was pinged. */
  readonly pinged: string | null;
  /** Who sent it: nobody else can change it. */
  readonly account: string | null;
}

/** Messages that a room shows and that no send without an answer is about. */
function changeable(db: Database, roomId: number) {
  return db
    .selectFrom('messages as m')
    .where('m.room_id', '=', roomId)
    .where('m.platform_id', 'is not', null)
    .where(hasNoOpenSend);
}

/** The message that is to be drawn anew first; null: none is, or not yet. */
export async function nextStale(db: Database, roomId: number, now: number): Promise<StaleMessage | null> {
  const row = await changeable(db, roomId)
    .select(['m.id', 'm.platform_id as platformId', 'm.subject', 'm.wave', 'm.shown', 'm.news', 'm.pinged'])
    .select((s) =>
      s
        .selectFrom('sends as s')
        .select('s.account')
        .whereRef('s.message_id', '=', 'm.id')
        .where('s.kind', 'in', ['create', 'reply', 'thread'])
        .limit(1)
        .as('account'),
    )
    .where('m.redraw_at', '<=', now)
    .orderBy('m.redraw_at')
    .limit(1)
    .$narrowType<{ platformId: NotNull }>()
    .executeTakeFirst();
  if (row === undefined) return null;
  const { wave, ...message } = row;
  return { ...message, isWave: wave !== null };
}

/** It shows all that was known when it was looked at. */
export async function noteFresh(
  trx: Pick<Trx, 'updateTable'>,
  { id, news }: Pick<StaleMessage, 'id' | 'news'>,
): Promise<void> {
  await trx.updateTable('messages').set({ redraw_at: null }).where('id', '=', id).where('news', '=', news).execute();
}
