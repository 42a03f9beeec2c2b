import { type Selectable, sql } from 'kysely';
import { parseStoredOptions, type SubscriptionOptions } from '../../router/subscription-options.ts';
import { numberIn } from '../../store/sql.ts';
import { statement } from '../../store/statement.ts';
import type { CardsTable } from '../../store/tables/outbox.ts';
import type { Database, Trx } from '../../store/tables.ts';
import type { DueDelivery } from './due-deliveries.ts';
import { CARD_MERGE_MS, staleFrom } from './note-news.ts';
import type { Reaction } from './reactions.ts';

type CardRow = Selectable<CardsTable>;

/** A subject that a room shows in a message which stays up to date. */
export type Card = Omit<CardRow, 'options' | 'announced' | 'reactions'> & {
  readonly options: SubscriptionOptions;
  readonly announced: readonly string[];
  readonly reactions: readonly Reaction[];
};

function asCard(row: CardRow): Card {
  return {
    ...row,
    options: parseStoredOptions(row.options),
    announced: JSON.parse(row.announced) as readonly string[],
    reactions: JSON.parse(row.reactions) as readonly Reaction[],
  };
}

interface CardOfMessage {
  readonly roomId: number;
  readonly subject: string;
  readonly subscription: string;
  readonly template: string | null;
  readonly options: string;
  readonly messageId: number;
  readonly slot: number;
  readonly announced: string;
  readonly now: number;
}

const putCard = statement((db, p: CardOfMessage) => {
  const shown = {
    message_id: p.messageId,
    slot: p.slot,
    announced: p.announced,
    reactions: sql.lit('[]'),
    state: sql.lit('open' as const),
    due_at: null,
    moved: sql.lit(0 as const),
  };
  return db
    .insertInto('cards')
    .values({
      room_id: p.roomId,
      subject: p.subject,
      subscription: p.subscription,
      template: p.template,
      options: p.options,
      answers: null,
      created_at: p.now,
      ...shown,
    })
    .onConflict((c) => c.columns(['room_id', 'subject']).doUpdateSet(shown));
});

/** Notes which deliveries of a message are cards, and their slots. */
export async function putCards(
  trx: Trx,
  message: {
    readonly roomId: number;
    readonly messageId: number;
    readonly announced: readonly string[];
    readonly now: number;
  },
  deliveries: readonly DueDelivery[],
): Promise<void> {
  const announced = JSON.stringify(message.announced);
  for (const [slot, { subject, subscription, template, options }] of deliveries.entries())
    if (options.isCard)
      await putCard.run(trx, { ...message, announced, slot, subject, subscription, template, options: options.text });
}

const cardBySubject = statement((db, { roomId, subject }: { readonly roomId: number; readonly subject: string }) =>
  db
    .selectFrom('cards')
    .select(['state', 'message_id', 'due_at'])
    .where('room_id', '=', roomId)
    .where('subject', '=', subject),
);

/**
 * Settles a delivery whose subject has a card in the room already: the card shows it with its next edit. A delivery for a card
 * that somebody deleted is cancelled. Returns false if there is no card yet.
 */
export async function joinCard(db: Database, roomId: number, delivery: DueDelivery, now: number): Promise<boolean> {
  if (!delivery.options.isCard) return false;
  return db.transaction().execute(async (trx) => {
    const card = await cardBySubject.first(trx, { roomId, subject: delivery.subject });
    if (card === undefined) return false;
    const settle = trx.updateTable('deliveries').where('id', '=', delivery.id);
    if (card.state === 'gone') {
      const reason = 'its card was deleted in the room';
      await settle.set({ state: 'cancelled', reason, settled_at: now }).execute();
      return true;
    }
    if (card.message_id === null) {
      const due = trx.updateTable('cards').set({ due_at: card.due_at ?? now });
      await due.where('room_id', '=', roomId).where('subject', '=', delivery.subject).execute();
    } else
      await trx
        .updateTable('messages')
        .set(staleFrom(now + CARD_MERGE_MS))
        .where('id', '=', card.message_id)
        .execute();
    await settle
      .set({ state: 'sent', reason: 'its card shows it', message_id: card.message_id, slot: null, settled_at: now })
      .execute();
    return true;
  });
}

/**
 * Takes cards out of a message that will not be shown after all. Those whose deliveries wait again are made by them; the others are
 * due by themselves at `dueAt`, or, with null, when something happens to them.
 */
export async function takeCardsBack(trx: Trx, messageId: number, dueAt: number | null): Promise<void> {
  const those = trx
    .selectFrom('deliveries')
    .select('subject')
    .where('message_id', '=', messageId)
    .where('state', '=', sql.lit('planned'));
  await trx.deleteFrom('cards').where('message_id', '=', messageId).where('subject', 'in', those).execute();
  const rest = trx.updateTable('cards').where('message_id', '=', messageId);
  await rest.set({ message_id: null, slot: null, due_at: dueAt }).execute();
}

const closed = { state: 'gone', message_id: null, slot: null, due_at: null } as const;

/** Closes the cards of a message that somebody deleted in the room: they stay deleted. */
export async function closeCards(trx: Trx, messageId: number): Promise<void> {
  await trx.updateTable('cards').set(closed).where('message_id', '=', messageId).execute();
}

/** Closes a card whose answered message somebody deleted. */
export async function closeCard(trx: Trx, roomId: number, subject: string): Promise<void> {
  await trx.updateTable('cards').set(closed).where('room_id', '=', roomId).where('subject', '=', subject).execute();
}

/**
 * Continues the cards of a message that cannot be changed any more: new facts go into messages that answer it, at once if
 * some are known already, else as soon as something happens.
 */
export async function continueCards(
  trx: Trx,
  { id, platformId }: { readonly id: number; readonly platformId: string | null },
  now: number,
): Promise<void> {
  const shownUntil = sql<number>`(select max(settled_at) from sends
    where sends.message_id = ${id} and sends.state = 'sent')`;
  const twins = sql<string>`select o.subject from post_links p join post_links o on o.link = p.link
    where p.subject = cards.subject`;
  await trx
    .updateTable('cards')
    .set({
      message_id: null,
      slot: null,
      answers: platformId,
      due_at: sql<number | null>`case when exists (select 1 from events
        where (events.subject = cards.subject or events.subject in (${twins}))
        and events.received_at > coalesce(${shownUntil}, 0) - 1000)
        then ${numberIn(now)} end`,
    })
    .where('message_id', '=', id)
    .execute();
}

/**
 * Moves the cards of rooms that were replaced, where nothing can be changed or answered any more: each card continues in a new message, at
 * once if its old one does not show everything, else as soon as something happens.
 */
export async function moveCards(trx: Trx, roomIds: readonly number[], now: number): Promise<void> {
  const isStale = sql<number>`exists (select 1 from messages where messages.id = cards.message_id and messages.redraw_at is not null)`;
  await trx
    .updateTable('cards')
    .set({
      due_at: sql<number | null>`case when ${isStale} then ${numberIn(now)} else due_at end`,
      message_id: null,
      slot: null,
      answers: null,
      moved: 1,
    })
    .where('room_id', 'in', roomIds)
    .where('state', '=', sql.lit('open'))
    .execute();
}

/** Returns a card that needs a message of its own now; null if none does. */
export async function nextCard(db: Database, roomId: number, now: number): Promise<Card | null> {
  const row = await db
    .selectFrom('cards')
    .selectAll()
    .where('room_id', '=', roomId)
    .where('due_at', '<=', now)
    .where('state', '=', 'open')
    .orderBy('due_at')
    .executeTakeFirst();
  return row === undefined ? null : asCard(row);
}

/** Puts off a card that needs a message of its own. */
export async function putOffCard(
  db: Database,
  { room_id, subject }: Pick<Card, 'room_id' | 'subject'>,
  until: number,
): Promise<void> {
  const card = db.updateTable('cards').where('room_id', '=', room_id).where('subject', '=', subject);
  await card.set({ due_at: until }).execute();
}

/** Returns the cards that a message shows, in the order of their slots. */
export async function cardsOf(db: Database, messageId: number): Promise<readonly Card[]> {
  const rows = await db.selectFrom('cards').selectAll().where('message_id', '=', messageId).orderBy('slot').execute();
  return rows.map(asCard);
}
