import { type RawBuilder, sql } from 'kysely';
import type { TargetTrouble } from '../../adapters/adapter.ts';
import { atLeast } from '../../store/sql.ts';
import { statement } from '../../store/statement.ts';
import type { Database, Trx } from '../../store/tables.ts';
import { isChange } from '../rules/decide.ts';
import type { SendStep } from '../rules/transition.ts';
import { closeCard, closeCards, continueCards, takeCardsBack } from './cards.ts';
import { staleFrom } from './note-news.ts';
import { noteReaction } from './reactions.ts';
import type { StoredSend } from './send-row.ts';

interface Shown {
  readonly messageId: number;
  readonly platformId: string;
}

const noteShown = statement((db, { messageId, platformId }: Shown) =>
  db.updateTable('messages').set({ platform_id: platformId, content: null }).where('id', '=', messageId),
);

/** Writes the step of a send: the change of the send, its message and its deliveries. */
export async function settle(trx: Trx, send: StoredSend, step: SendStep, now: number): Promise<void> {
  switch (step.kind) {
    case 'settle':
      // A change leaves a message under the id that it was created with.
      if (!isChange(send.kind)) await noteShown.run(trx, { messageId: send.message_id, platformId: step.platformId });
      await noteReaction(trx, send, step.platformId);
      await end(trx, send, 'sent', null, now);
      return;
    case 'deadLetter':
      await takeCardsBack(trx, send.message_id, null);
      await end(trx, send, 'dead', step.reason, now);
      return;
    case 'repeat':
      await repeatLater(trx, send, now + Math.ceil(step.waitMs));
      return;
    case 'planAnew':
      await discard(trx, send, step.waitMs === null ? {} : { due_at: now + Math.ceil(step.waitMs), ready: 0 }, now);
      return;
    case 'split':
      await discard(trx, send, { alone: 1 }, now);
      return;
    case 'leave':
      await leave(trx, send, step.target, now);
      return;
    default:
      step satisfies never;
  }
}

/**
 * Puts off a send, and the sends behind it of the same subject, which would be shown before it. There are some after a
 * crash: those that were stored together.
 */
export async function repeatLater(trx: Trx, { id, room_id, subject }: StoredSend, dueAt: number): Promise<void> {
  await trx
    .updateTable('sends')
    .set({ due_at: atLeast('due_at', dueAt) })
    .where('room_id', '=', room_id)
    .where('state', '=', sql.lit('pending'))
    .where('subject', '=', subject)
    .where('id', '>=', id)
    .execute();
}

/** Deletes a send that was stored and never attempted: its deliveries wait as if they had not been planned. */
export async function unplan(trx: Trx, send: StoredSend, now: number): Promise<void> {
  await discard(trx, send, { attempts: sql<number>`attempts - 1` }, now);
}

/**
 * Settles a delivery that a mute stops. Returns false if the mute ended meanwhile: then its notice is written already, and the
 * delivery is sent.
 */
export async function settleMuted(db: Database, deliveryId: number, mute: string, now: number): Promise<boolean> {
  const settled = await db
    .updateTable('deliveries')
    .set({ state: 'muted', mute, reason: null, settled_at: now })
    .where('id', '=', deliveryId)
    .where((e) =>
      e.exists(
        e.selectFrom('mutes').select('mutes.id').where('mutes.id', '=', Number(mute)).where('ended_at', 'is', null),
      ),
    )
    .executeTakeFirst();
  return settled.numUpdatedRows > 0n;
}

/** Makes the deliveries that mutes stopped wait again, as if they had just come. */
export async function releaseMuted(trx: Trx, mutes: readonly string[], now: number): Promise<void> {
  await trx
    .updateTable('deliveries')
    .set({ state: 'waiting', mute: null, due_at: now, ready: 1, settled_at: null })
    .where('state', '=', sql.lit('muted'))
    .where('mute', 'in', mutes)
    .execute();
}

/** Settles a delivery that needs no message. */
export async function settleCancelled(db: Database, deliveryId: number, reason: string, now: number): Promise<void> {
  const cancelled = { state: 'cancelled', reason, settled_at: now } as const;
  await db.updateTable('deliveries').set(cancelled).where('id', '=', deliveryId).execute();
}

/** Returns the ids of the events whose deliveries a send carries, and the arrival of the oldest (Unix milliseconds; null: none). */
export async function carriedBy(
  db: Database,
  { message_id }: StoredSend,
): Promise<{ readonly events: readonly number[]; readonly since: number | null }> {
  const rows = await db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['d.event_id', 'e.received_at'])
    .where('d.message_id', '=', message_id)
    .where('d.state', '=', sql.lit('planned'))
    .orderBy('d.id')
    .execute();
  const since = rows.length === 0 ? null : Math.min(...rows.map((row) => row.received_at));
  return { events: rows.map((row) => row.event_id), since };
}

/** Notes that another attempt is about to be made, before its first byte leaves. */
export async function noteAttempt(db: Database, send: StoredSend, countedMs: number, now: number): Promise<StoredSend> {
  const attempt = { attempts: send.attempts + 1, last_attempt_at: now, counted_ms: countedMs };
  await db.updateTable('sends').set(attempt).where('id', '=', send.id).execute();
  return { ...send, ...attempt };
}

interface EndedSend {
  readonly id: number;
  readonly state: 'sent' | 'dead';
  readonly reason: string | null;
  readonly now: number;
}

const endSend = statement((db, { id, state, reason, now }: EndedSend) =>
  db.updateTable('sends').set({ state, reason, settled_at: now }).where('id', '=', id),
);

/** A settled send does not need its payload any more. */
const endSent = statement((db, { id, now }: Pick<EndedSend, 'id' | 'now'>) =>
  db
    .updateTable('sends')
    .set({ state: 'sent', reason: null, settled_at: now, payload: '', sealed: null })
    .where('id', '=', id),
);

const endDeliveries = statement((db, { id, state, reason, now }: EndedSend) =>
  db
    .updateTable('deliveries')
    .set({ state, reason, settled_at: now })
    .where('message_id', '=', id)
    .where('state', '=', sql.lit('planned')),
);

async function end(
  trx: Trx,
  send: StoredSend,
  state: 'sent' | 'dead',
  reason: string | null,
  now: number,
): Promise<void> {
  const { id, message_id: messageId } = send;
  // A dead letter may be looked at.
  if (state === 'sent') await endSent.run(trx, { id, now });
  else await endSend.run(trx, { id, state, reason, now });
  await endDeliveries.run(trx, { id: messageId, state, reason, now });
}

/** The deliveries of a send: a message has one send without a clear answer at a time. */
const planned = (trx: Trx, send: StoredSend) =>
  trx.updateTable('deliveries').where('message_id', '=', send.message_id).where('state', '=', sql.lit('planned'));

/**
 * Deletes a send that the room certainly does not show, or that is of no use any more, and a message that no room shows. The
 * deliveries wait again, with the time that counts so far.
 */
export async function discard(
  trx: Trx,
  send: StoredSend,
  change: { readonly due_at?: number; readonly ready?: 0; readonly alone?: 1; readonly attempts?: RawBuilder<number> },
  now: number,
): Promise<void> {
  if (!isChange(send.kind)) await takeCardsBack(trx, send.message_id, now);
  await planned(trx, send)
    .set({
      state: 'waiting',
      reason: null,
      message_id: null,
      slot: null,
      last_attempt_at: send.last_attempt_at,
      counted_ms: atLeast('counted_ms', send.counted_ms),
      ...change,
    })
    .execute();
  await trx.deleteFrom('sends').where('id', '=', send.id).execute();
  // The message that it was to change still lacks known facts.
  if (isChange(send.kind))
    await trx
      .updateTable('messages')
      .set({ ...staleFrom(now), shown: null })
      .where('id', '=', send.message_id)
      .execute();
  // A notice is a message of its own, and is sent again, when it is due; a message that was sent before stays as it was.
  if (change.due_at !== undefined)
    await trx
      .updateTable('messages')
      .set({ redraw_at: change.due_at })
      .where('id', '=', send.message_id)
      .where('content', 'is not', null)
      .where('platform_id', 'is', null)
      .execute();
  await trx
    .deleteFrom('messages')
    .where('id', '=', send.message_id)
    .where('content', 'is', null)
    .where('platform_id', 'is', null)
    .execute();
}

/** Leaves the message of a send as it is: its deliveries go into another message, and so do the news of its cards. */
async function leave(trx: Trx, send: StoredSend, target: TargetTrouble | null, now: number): Promise<void> {
  const { message_id: id, kind } = send;
  const message = trx.updateTable('messages').where('id', '=', id);
  switch (kind) {
    case 'edit':
      await discard(trx, send, {}, now);
      await message.set({ grows: 0, redraw_at: null }).execute();
      if (target === 'gone') await closeCards(trx, id);
      else await continueCards(trx, { id, platformId: send.target }, now);
      return;
    case 'react':
    case 'redact':
      await trx.deleteFrom('sends').where('id', '=', send.id).execute();
      if (target === 'gone') await closeCards(trx, id);
      else if (target === 'tooOld') await continueCards(trx, { id, platformId: send.target }, now);
      // A reaction that the platform does not take is not tried again.
      else await noteReaction(trx, send, '');
      return;
    case 'create':
    case 'reply':
    case 'thread':
      // Somebody deleted the message that it was to answer: its subject is not wanted any more.
      await message.set({ content: null }).execute();
      await closeCards(trx, id);
      await closeCard(trx, send.room_id, send.subject);
      await discard(trx, send, {}, now);
      return;
    default:
      kind satisfies never;
  }
}
