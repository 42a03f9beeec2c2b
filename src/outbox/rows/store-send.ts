import { type Insertable, sql, type Updateable } from 'kysely';
import type { SendAction } from '../../adapters/adapter.ts';
import { inChunks } from '../../store/in-chunks.ts';
import { statement } from '../../store/statement.ts';
import type { CardsTable, MessagesTable } from '../../store/tables/outbox.ts';
import type { Trx } from '../../store/tables.ts';
import type { MessageKind } from '../../words.ts';
import { type Card, putCards } from './cards.ts';
import type { DueDelivery } from './due-deliveries.ts';
import type { UnsentNotice } from './next-work.ts';
import { CARD_MERGE_MS } from './note-news.ts';
import { expectAllPlanned } from './planned-elsewhere.ts';
import { insertSend, type PlannedSend, type StoredSend } from './send-row.ts';
import { noteFresh, type ShownMessage } from './stale-messages.ts';

/** A message that a room does not show yet. */
export interface NewMessage {
  readonly subject: string;
  readonly kind: MessageKind;
  readonly wave: WavePlace;
  /** The platform id of the message that it answers; null: none. */
  readonly answers: string | null;
  /** The subscription for which it pings people; null: it pings none. */
  readonly pinged: string | null;
  readonly cards: ShownCards;
  /** Keys of the facts that its card shows from the beginning, if answers announce the others. */
  readonly announced: readonly string[];
}

/** The place of a message among the digests of a wave. */
export type WavePlace =
  | { readonly kind: 'none' }
  | { readonly kind: 'first' }
  /** `first`: the id of the wave's first message. */
  | { readonly kind: 'continues'; readonly first: number };

/** The cards that a message shows, which stay up to date. */
export type ShownCards =
  | { readonly kind: 'none' }
  /** Those of its deliveries whose subscriptions want cards. */
  | { readonly kind: 'deliveries' }
  /** A card without a delivery. */
  | { readonly kind: 'card'; readonly card: Card };

/** The message of a send: a new one, or one that the room shows and that changes. */
export type PlannedMessage =
  | { readonly kind: 'new'; readonly message: NewMessage }
  | { readonly kind: 'shown'; readonly message: ShownMessage };

/** A new message; parts that are not given are absent. */
export function newMessage(parts: Pick<NewMessage, 'subject' | 'kind'> & Partial<NewMessage>): PlannedMessage {
  const none = { kind: 'none' } as const;
  return { kind: 'new', message: { wave: none, answers: null, pinged: null, cards: none, announced: [], ...parts } };
}

/** Deliveries in one message, ready to go. */
export interface Planned extends PlannedSend {
  /** In the order of their slots; how much time counts for each of them includes this attempt. */
  readonly deliveries: readonly DueDelivery[];
  readonly message: PlannedMessage;
  /** A hash of what it shows, for messages that stay up to date; null for others. */
  readonly shown: string | null;
}

/** A notice that is ready to go; its message is stored already. */
export interface PlannedNotice extends PlannedSend {
  readonly notice: UnsentNotice;
}

/** A reaction of ours to a message, or the end of one, ready to go. */
export interface PlannedReaction extends PlannedSend {
  readonly message: ShownMessage;
  readonly action: SendAction & { readonly kind: 'react' | 'redact' };
}

/** Stores the send of a notice, first attempt included. */
export async function storeNoticePlan(trx: Trx, plan: PlannedNotice): Promise<StoredSend> {
  const { messageId, subject } = plan.notice;
  const thread = plan.notice.action.kind === 'create' ? await threadOfSubject(trx, plan, subject) : null;
  const action = thread ?? plan.notice.action;
  return insertSend(trx, plan, { messageId, subject, action });
}

/** Stores the send of a reaction, first attempt included. */
export async function storeReactionPlan(trx: Trx, plan: PlannedReaction): Promise<StoredSend> {
  const { message, action } = plan;
  return insertSend(trx, plan, { messageId: message.id, subject: message.subject, action });
}

/**
 * Stores a message and its send, first attempt included, and marks its deliveries planned, in one transaction: before the
 * first byte leaves. From here on a crash means "may have been sent". Throws a `PlannedElsewhereError` if a delivery
 * does not wait any more.
 */
export async function storePlan(trx: Trx, plan: Planned): Promise<StoredSend> {
  const { message: planned, shown } = plan;
  if (planned.kind === 'shown') {
    const { id, platformId, subject } = planned.message;
    await trx.updateTable('messages').set({ shown }).where('id', '=', id).execute();
    await noteFresh(trx, planned.message);
    const action = { kind: 'edit', target: platformId } as const;
    const send = await insertSend(trx, plan, { messageId: id, subject, action });
    await markPlanned(trx, plan, id, plan.deliveries.length === 0 ? 0 : await nextSlot(trx, id));
    await noteLines(trx, plan, id);
    return send;
  }
  const id = await insertMessage(trx, plan, planned.message);
  const { subject, answers, wave } = planned.message;
  const isAboutOne = wave.kind === 'none' && plan.deliveries.every((delivery) => delivery.subject === subject);
  const thread = answers === null && isAboutOne ? await threadOfSubject(trx, plan, subject) : null;
  const action: SendAction = answers === null ? (thread ?? { kind: 'create' }) : { kind: 'reply', target: answers };
  const send = await insertSend(trx, plan, { messageId: id, subject, action });
  await markPlanned(trx, plan, id, 0);
  if (wave.kind !== 'none') await noteLines(trx, plan, id);
  return send;
}

const newestAbout = statement((db, { roomId, subject }: { readonly roomId: number; readonly subject: string }) =>
  db
    .selectFrom('messages')
    .select('platform_id')
    .where('room_id', '=', roomId)
    .where('subject', '=', subject)
    .where('platform_id', 'is not', null)
    .where('kind', '<>', sql.lit('digest' as const))
    .orderBy('id', 'desc')
    .limit(sql.lit(1)),
);

/** Returns the thread that a new message about a subject goes into; null: it begins one, or the room has no such threads. */
async function threadOfSubject(
  trx: Trx,
  { roomId, gathers }: PlannedSend,
  subject: string,
): Promise<(SendAction & { readonly kind: 'thread' }) | null> {
  if (!gathers) return null;
  const target = (await newestAbout.first(trx, { roomId, subject }))?.platform_id ?? null;
  return target === null ? null : { kind: 'thread', target };
}

const insertMessageRow = statement((db, row: Insertable<MessagesTable>) =>
  db
    .insertInto('messages')
    .values({
      room_id: row.room_id,
      subject: row.subject,
      kind: row.kind,
      platform_id: null,
      redraw_at: row.redraw_at,
      shown: row.shown,
      pinged: row.pinged,
      wave: row.wave,
      grows: row.grows,
      created_at: row.created_at,
      content: null,
      answers: null,
      answers_in: null,
    })
    .returning('id'),
);

async function insertMessage(trx: Trx, plan: Planned, message: NewMessage): Promise<number> {
  const { roomId, now, shown } = plan;
  const { subject, kind, wave, pinged, cards, announced } = message;
  const row = await insertMessageRow.first(trx, {
    room_id: roomId,
    subject,
    kind,
    // News that came while the message was made is looked for once more.
    redraw_at: cards.kind === 'none' ? null : now + CARD_MERGE_MS,
    shown,
    pinged,
    wave: wave.kind === 'continues' ? wave.first : null,
    grows: wave.kind === 'none' ? 0 : 1,
    created_at: now,
  });
  const { id } = row!;
  if (wave.kind === 'first') await trx.updateTable('messages').set({ wave: id }).where('id', '=', id).execute();
  switch (cards.kind) {
    case 'none':
      return id;
    case 'deliveries':
      if (plan.failure === null) await putCards(trx, { roomId, messageId: id, announced, now }, plan.deliveries);
      return id;
    case 'card': {
      const known = { announced: JSON.stringify(announced), reactions: '[]' };
      const shows = { message_id: id, slot: 0, due_at: null, moved: 0, ...known } as const;
      // The card of a dead letter is due again when something happens to it.
      await changeCard(trx, cards.card, plan.failure === null ? shows : { due_at: null });
      return id;
    }
    default:
      return cards satisfies never;
  }
}

async function changeCard(trx: Trx, card: Card, change: Updateable<CardsTable>): Promise<void> {
  const changed = trx.updateTable('cards').set(change).where('room_id', '=', card.room_id);
  await changed.where('subject', '=', card.subject).execute();
}

async function nextSlot(trx: Trx, messageId: number): Promise<number> {
  const row = await trx
    .selectFrom('deliveries')
    .select((s) => s.fn.max<number | null>('slot').as('last'))
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  return row?.last == null ? 0 : Number(row.last) + 1;
}

interface PlannedDelivery {
  readonly id: number;
  readonly state: 'planned' | 'dead';
  readonly reason: string | null;
  readonly messageId: number;
  readonly slot: number;
  readonly firstAttemptAt: number;
  readonly now: number;
  readonly countedMs: number;
  readonly settledAt: number | null;
  readonly content: string | null;
}

const markPlannedRow = statement((db, p: PlannedDelivery) =>
  db
    .updateTable('deliveries')
    .set({
      state: p.state,
      reason: p.reason,
      message_id: p.messageId,
      slot: p.slot,
      attempts: sql<number>`attempts + 1`,
      first_attempt_at: p.firstAttemptAt,
      last_attempt_at: p.now,
      counted_ms: p.countedMs,
      settled_at: p.settledAt,
      content: p.content,
    })
    .where('id', '=', p.id)
    .where('state', '=', sql.lit('waiting')),
);

async function markPlanned(trx: Trx, plan: Planned, messageId: number, firstSlot: number): Promise<void> {
  const { now, failure } = plan;
  let changed = 0;
  for (const [index, { id, firstAttemptAt, countedMs, content }] of plan.deliveries.entries())
    changed += await markPlannedRow.run(trx, {
      id,
      state: failure === null ? 'planned' : 'dead',
      reason: failure,
      messageId,
      slot: firstSlot + index,
      firstAttemptAt: firstAttemptAt ?? now,
      now,
      countedMs,
      settledAt: failure === null ? null : now,
      content,
    });
  expectAllPlanned(plan.deliveries.length, changed);
}

interface DigestLine {
  readonly subject: string;
  readonly messageId: number;
}

const insertLines = inChunks((db, rows: readonly DigestLine[]) =>
  db
    .insertInto('digest_lines')
    .values(rows.map(({ subject, messageId }) => ({ subject, message_id: messageId })))
    .onConflict((c) => c.doNothing()),
);

/** Notes which subjects a digest of a wave shows, so that what happens to them is found there. */
async function noteLines(trx: Trx, { deliveries, failure }: Planned, messageId: number): Promise<void> {
  if (failure !== null) return;
  const subjects = new Set(deliveries.map(({ subject }) => subject));
  await insertLines.all(
    trx,
    [...subjects].map((subject) => ({ subject, messageId })),
  );
}
