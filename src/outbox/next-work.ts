import { type Selectable, sql } from 'kysely';
import type { SendAction } from '../adapters/adapter.ts';
import type { Message } from '../render/message.ts';
import type { Database, SendsTable } from '../store/tables.ts';
import { type Card, nextCard } from './cards/cards.ts';
import { nextRedrawAt, nextStale, type StaleMessage } from './cards/stale.ts';
import { hasNoOpenSend } from './open-send.ts';
import { createPicker, type DueDelivery, type Picker } from './pick.ts';
import type { Safeguards } from './safeguards.ts';

export type StoredSend = Selectable<SendsTable>;

/** A message of our own that waits to be sent, such as the end of a mute, or what is new about a card. */
export interface UnsentNotice {
  readonly messageId: number;
  readonly subject: string;
  readonly message: Message;
  readonly action: SendAction;
}

/** What a room's worker does next. */
export type Work =
  | { readonly kind: 'repeat'; readonly send: StoredSend }
  /** `picker` gives what may go with it. */
  | { readonly kind: 'plan'; readonly delivery: DueDelivery; readonly picker: Picker }
  | { readonly kind: 'notice'; readonly notice: UnsentNotice }
  /** A message is to be drawn anew, since something happened to what it shows. */
  | { readonly kind: 'redraw'; readonly message: StaleMessage }
  /** A card needs a message of its own. */
  | { readonly kind: 'card'; readonly card: Card }
  /** Nothing is due; `until` is when something will be, Unix milliseconds, null if nothing waits. */
  | { readonly kind: 'wait'; readonly until: number | null };

/**
 * Finds what is next in a room: a send to repeat, else a notice of our own, else the delivery that `createPicker` gives first.
 * What only changes a message comes behind all that is new.
 */
export async function nextWork(
  db: Database,
  roomId: number,
  now: number,
  inOrder: Safeguards['inOrder'],
): Promise<Work> {
  const pending = await db
    .selectFrom('sends')
    .selectAll()
    .where('room_id', '=', roomId)
    .where('state', '=', sql.lit('pending'))
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  if (pending !== undefined && pending.due_at <= now) return { kind: 'repeat', send: pending };

  const notice = await unsentNotice(db, roomId);
  if (notice !== null) return { kind: 'notice', notice };

  const picker = createPicker(db, roomId, now, inOrder);
  const delivery = await picker.next();
  if (delivery !== null) return { kind: 'plan', delivery, picker };
  const card = await nextCard(db, roomId, now);
  if (card !== null) return { kind: 'card', card };
  const message = await nextStale(db, roomId, now);
  if (message !== null) return { kind: 'redraw', message };
  const later = [await nextDueAt(db, roomId, now), await nextRedrawAt(db, roomId, now)];
  const due = [pending?.due_at, ...later].filter((at) => typeof at === 'number');
  return { kind: 'wait', until: due.length === 0 ? null : Math.min(...due) };
}

async function unsentNotice(db: Database, roomId: number): Promise<UnsentNotice | null> {
  const row = await db
    .selectFrom('messages as m')
    .select(['m.id', 'm.subject', 'm.content', 'm.answers', 'm.answers_in'])
    .where('m.room_id', '=', roomId)
    .where('m.content', 'is not', null)
    // One whose send has no clear answer, or is a dead letter, is not planned a second time.
    .where(hasNoOpenSend)
    .orderBy('m.id')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined || row.content === null) return null;
  const { answers, answers_in: kind } = row;
  const action: SendAction = answers === null || kind === null ? { kind: 'create' } : { kind, target: answers };
  return { messageId: row.id, subject: row.subject, message: JSON.parse(row.content) as Message, action };
}

async function nextDueAt(db: Database, roomId: number, now: number): Promise<number | null> {
  const row = await db
    .selectFrom('deliveries')
    .select((s) => s.fn.min<number | null>('due_at').as('due'))
    .where('room_id', '=', roomId)
    .where('state', '=', sql.lit('waiting'))
    .where('due_at', '>', now)
    .executeTakeFirst();
  return row?.due ?? null;
}
