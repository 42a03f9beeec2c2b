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

/** A message that does not show all known facts. */
export interface StaleMessage extends ShownMessage {
  /** True if it is a digest of a wave. */
  readonly isWave: boolean;
  /** A hash of what it shows; null: not known. */
  readonly shown: string | null;
  /** The subscription for which it pinged people when it was new; null: it pinged none. */
  readonly pinged: string | null;
  /** The account that sent it: no other can change it. */
  readonly account: string | null;
}

/** Messages that a room shows and that have no send without an answer. */
function changeable(db: Database, roomId: number) {
  return db
    .selectFrom('messages as m')
    .where('m.room_id', '=', roomId)
    .where('m.platform_id', 'is not', null)
    .where(hasNoOpenSend);
}

/** Returns the message that is to be drawn anew first; null if none is, or not yet. */
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

/** Puts off a message that is to be drawn anew, or a notice that is to be sent. */
export async function putOff(trx: Pick<Trx, 'updateTable'>, messageId: number, until: number): Promise<void> {
  await trx.updateTable('messages').set({ redraw_at: until }).where('id', '=', messageId).execute();
}

/** Notes that a message shows all facts that were known when it was read. */
export async function noteFresh(
  trx: Pick<Trx, 'updateTable'>,
  { id, news }: Pick<StaleMessage, 'id' | 'news'>,
): Promise<void> {
  await trx.updateTable('messages').set({ redraw_at: null }).where('id', '=', id).where('news', '=', news).execute();
}
