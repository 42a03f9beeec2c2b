import type { Account } from '../adapters/adapter.ts';
import type { Database, Trx } from '../store/tables.ts';
import type { DueDelivery, StoredSend, UnsentNotice } from './next-work.ts';

/** What a send is made of: what `adapter.format` gave, and the key it carries as its mark. */
interface PlannedSend {
  readonly roomId: number;
  readonly account: Account;
  readonly key: string;
  readonly payload: string;
  readonly now: number;
  /** How much time counts towards the 24 hours, this attempt included, milliseconds. */
  readonly countedMs: number;
  /** Why it cannot be sent at all; it is then stored as a dead letter. */
  readonly failure: string | null;
}

/** A message of a delivery that is ready to go. */
export interface Planned extends PlannedSend {
  readonly delivery: DueDelivery;
}

/** A notice that is ready to go; its message is stored already. */
export interface PlannedNotice extends PlannedSend {
  readonly notice: UnsentNotice;
}

/** Stores the send of a notice, first attempt included. */
export async function storeNoticePlan(db: Database, plan: PlannedNotice): Promise<StoredSend> {
  const { messageId, subject } = plan.notice;
  return db.transaction().execute((trx) => insertSend(trx, plan, messageId, subject));
}

/**
 * Stores a message and its send, first attempt included, and marks its delivery planned, in one transaction: before the
 * first byte leaves. From here on a crash means "may have been sent".
 */
export async function storePlan(db: Database, plan: Planned): Promise<StoredSend> {
  const { delivery, now } = plan;
  const dead = plan.failure !== null;
  return db.transaction().execute(async (trx) => {
    const message = await trx
      .insertInto('messages')
      .values({
        room_id: plan.roomId,
        subject: delivery.subject,
        kind: 'single',
        platform_id: null,
        must_redraw: 0,
        created_at: now,
        content: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const send = await insertSend(trx, plan, message.id, delivery.subject);
    await trx
      .updateTable('deliveries')
      .set({
        state: dead ? 'dead' : 'planned',
        reason: plan.failure,
        message_id: message.id,
        slot: 0,
        attempts: delivery.attempts + 1,
        first_attempt_at: delivery.firstAttemptAt ?? now,
        last_attempt_at: now,
        counted_ms: plan.countedMs,
        settled_at: dead ? now : null,
      })
      .where('id', '=', delivery.id)
      .execute();
    return send;
  });
}

async function insertSend(trx: Trx, plan: PlannedSend, messageId: number, subject: string): Promise<StoredSend> {
  const { now } = plan;
  const dead = plan.failure !== null;
  return trx
    .insertInto('sends')
    .values({
      message_id: messageId,
      room_id: plan.roomId,
      subject,
      kind: 'create',
      target: null,
      payload: plan.payload,
      key: plan.key,
      account: plan.account.id,
      device: plan.account.device ?? '',
      first_attempt_at: now,
      last_attempt_at: now,
      counted_ms: plan.countedMs,
      attempts: 1,
      state: dead ? 'dead' : 'pending',
      reason: plan.failure,
      due_at: now,
      settled_at: dead ? now : null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}
