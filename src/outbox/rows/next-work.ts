import { sql } from 'kysely';
import type { SendAction } from '../../adapters/adapter.ts';
import type { Message } from '../../render/message.ts';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';
import { type Card, nextCard } from './cards.ts';
import { markReady } from './mark-ready.ts';
import { hasNoOpenSend } from './open-send.ts';
import type { StoredSend } from './send-row.ts';
import { nextStale, type StaleMessage } from './stale-messages.ts';

/** A message of our own that waits to be sent, such as the end of a mute, or news about a card. */
export interface UnsentNotice {
  readonly messageId: number;
  readonly subject: string;
  readonly message: Message;
  readonly action: SendAction;
}

/** The next work of a room's worker. */
export type Work =
  | { readonly kind: 'repeat'; readonly send: StoredSend }
  /** Deliveries are ready; the most urgent has this priority. */
  | { readonly kind: 'plan'; readonly priority: number }
  | { readonly kind: 'notice'; readonly notice: UnsentNotice }
  /** A message is to be drawn anew, since something happened to its subjects. */
  | { readonly kind: 'redraw'; readonly message: StaleMessage }
  /** A card needs a message of its own. */
  | { readonly kind: 'card'; readonly card: Card }
  /** Nothing is due. `until`: time at which something is, Unix milliseconds, null if nothing waits. `isGrowing`: a digest of a wave is not over. */
  | { readonly kind: 'wait'; readonly until: number | null; readonly isGrowing: boolean };

interface Room {
  readonly roomId: number;
  readonly now: number;
}

/** The work that waits in a room, each kind by an index: the cost is the same however much waits. */
const look = statement((db, { roomId, now }: Room) =>
  db.selectNoFrom((s) => [
    s
      .selectFrom('sends')
      .select((e) => e.fn.min<number | null>('due_at').as('at'))
      .where('room_id', '=', roomId)
      .where('state', '=', sql.lit('pending'))
      .as('sendDueAt'),
    s
      .selectFrom('messages as m')
      .select('m.id')
      .where('m.room_id', '=', roomId)
      .where('m.content', 'is not', null)
      .where((e) => e.or([e('m.redraw_at', 'is', null), e('m.redraw_at', '<=', now)]))
      // One whose send has no clear answer, or is a dead letter, is not planned a second time.
      .where(hasNoOpenSend)
      .orderBy('m.id')
      .limit(sql.lit(1))
      .as('noticeId'),
    s
      .selectFrom('messages as m')
      .select((e) => e.fn.min<number | null>('m.redraw_at').as('at'))
      .where('m.room_id', '=', roomId)
      .where('m.content', 'is not', null)
      .where('m.redraw_at', '>', now)
      .where(hasNoOpenSend)
      .as('noticeDueAt'),
    s
      .selectFrom('deliveries')
      .select('priority')
      .where('room_id', '=', roomId)
      .where('state', '=', sql.lit('waiting'))
      .where('ready', '=', sql.lit(1))
      .orderBy('priority')
      .orderBy('id')
      .limit(sql.lit(1))
      .as('priority'),
    s
      .selectFrom('deliveries')
      .select((e) => e.fn.min<number | null>('due_at').as('at'))
      .where('room_id', '=', roomId)
      .where('state', '=', sql.lit('waiting'))
      .where('ready', '=', sql.lit(0))
      .as('deliveryDueAt'),
    s
      .selectFrom('cards')
      .select((e) => e.fn.min<number | null>('due_at').as('at'))
      .where('room_id', '=', roomId)
      .where('due_at', 'is not', null)
      .where('state', '=', sql.lit('open'))
      .as('cardDueAt'),
    s
      .selectFrom('messages as m')
      .select('m.redraw_at')
      .where('m.room_id', '=', roomId)
      .where('m.redraw_at', 'is not', null)
      .where('m.platform_id', 'is not', null)
      .where(hasNoOpenSend)
      .orderBy('m.redraw_at')
      .limit(sql.lit(1))
      .as('redrawAt'),
    s
      .selectFrom('messages')
      .select('id')
      .where('room_id', '=', roomId)
      .where('grows', '=', sql.lit(1))
      .limit(sql.lit(1))
      .as('growingId'),
  ]),
);

const nextPending = statement((db, { roomId }: Pick<Room, 'roomId'>) =>
  db
    .selectFrom('sends')
    .selectAll()
    .where('room_id', '=', roomId)
    .where('state', '=', sql.lit('pending'))
    .orderBy('due_at')
    .orderBy('id')
    .limit(sql.lit(1)),
);

/** Delay before the next look at deliveries whose time has come while older events wait to be stored, ms. */
const STORING_LOOK_MS = 20;

/**
 * Finds the next work of a room: a send to repeat, else a notice of our own, else deliveries (see `Picker`).
 * Work that only changes a message comes behind everything new. Deliveries that waited become ready after everything that came
 * meanwhile is stored (`storedUntil`, Unix milliseconds), since some of it may have to stand before them.
 */
export async function nextWork(db: Database, roomId: number, now: number, storedUntil: number): Promise<Work> {
  const readyBy = Math.min(now, storedUntil);
  let found = await look.first(db, { roomId, now });
  if (found === undefined) return { kind: 'wait', until: null, isGrowing: false };
  if (isDue(found.deliveryDueAt, readyBy)) {
    await markReady(db, roomId, readyBy);
    found = (await look.first(db, { roomId, now }))!;
  }
  const { sendDueAt, noticeId, noticeDueAt, priority, deliveryDueAt, cardDueAt, redrawAt } = found;
  if (isDue(sendDueAt, now)) {
    const send = await nextPending.first(db, { roomId });
    if (send !== undefined) return { kind: 'repeat', send };
  }
  if (noticeId !== null) {
    const notice = await readNotice(db, noticeId);
    if (notice !== null) return { kind: 'notice', notice };
  }
  if (priority !== null) return { kind: 'plan', priority };
  if (isDue(cardDueAt, now)) {
    const card = await nextCard(db, roomId, now);
    if (card !== null) return { kind: 'card', card };
  }
  if (isDue(redrawAt, now)) {
    const message = await nextStale(db, roomId, now);
    if (message !== null) return { kind: 'redraw', message };
  }
  const readyAt = isDue(deliveryDueAt, now) ? now + STORING_LOOK_MS : deliveryDueAt;
  const later = [sendDueAt, noticeDueAt, readyAt, cardDueAt, redrawAt].filter((at) => at !== null);
  return { kind: 'wait', until: later.length === 0 ? null : Math.min(...later), isGrowing: found.growingId !== null };
}

const isDue = (at: number | null, now: number): boolean => at !== null && at <= now;

async function readNotice(db: Database, messageId: number): Promise<UnsentNotice | null> {
  const row = await db
    .selectFrom('messages')
    .select(['id', 'subject', 'content', 'answers', 'answers_in'])
    .where('id', '=', messageId)
    .executeTakeFirst();
  if (row === undefined || row.content === null) return null;
  const { answers, answers_in: kind } = row;
  const action: SendAction = answers === null || kind === null ? { kind: 'create' } : { kind, target: answers };
  return { messageId: row.id, subject: row.subject, message: JSON.parse(row.content) as Message, action };
}
