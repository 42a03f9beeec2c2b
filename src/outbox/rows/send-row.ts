import type { Selectable } from 'kysely';
import type { Account, SendAction } from '../../adapters/adapter.ts';
import { inChunks } from '../../store/in-chunks.ts';
import type { SendsTable } from '../../store/tables/outbox.ts';
import type { Trx } from '../../store/tables.ts';

/** A row of `sends`. */
export type StoredSend = Selectable<SendsTable>;

/** A send that was formatted and has the key that it carries as its mark. */
export interface PlannedSend {
  readonly roomId: number;
  readonly account: Account;
  readonly key: string;
  readonly payload: string;
  readonly now: number;
  /** Time that counts towards the 24 hours, this attempt included, milliseconds. */
  readonly countedMs: number;
  /** True if the room shows each subject in a thread of its own. */
  readonly gathers: boolean;
  /** True if it is encrypted before it leaves. */
  readonly seals: boolean;
  /** The reason why it cannot be sent at all, so that it is stored as a dead letter; null: it can. */
  readonly failure: string | null;
}

/** `sealed` of a send that is to be encrypted and was not yet, so that nothing of it left. */
export const unsealed = '';

/** The message that a send is about. */
interface Target {
  readonly messageId: number;
  readonly subject: string;
  readonly action: SendAction;
}

/** Inserts sends, and returns their ids in no certain order. */
export const insertSends = inChunks((db, rows: readonly Omit<StoredSend, 'id'>[]) =>
  db
    .insertInto('sends')
    .values(
      rows.map((row) => ({
        message_id: row.message_id,
        room_id: row.room_id,
        subject: row.subject,
        kind: row.kind,
        target: row.target,
        payload: row.payload,
        sealed: row.sealed,
        key: row.key,
        account: row.account,
        device: row.device,
        first_attempt_at: row.first_attempt_at,
        last_attempt_at: row.last_attempt_at,
        counted_ms: row.counted_ms,
        attempts: row.attempts,
        state: row.state,
        reason: row.reason,
        due_at: row.due_at,
        settled_at: row.settled_at,
      })),
    )
    .returning('id'),
);

/** Stores one send, first attempt included. */
export async function insertSend(trx: Trx, plan: PlannedSend, target: Target): Promise<StoredSend> {
  const row = sendRowOf(plan, target);
  const [inserted] = await insertSends.all(trx, [row]);
  return { id: inserted!.id, ...row };
}

/** Returns the row of a send whose first attempt is about to be made; that of a dead letter if it cannot be made. */
export function sendRowOf(plan: PlannedSend, { messageId, subject, action }: Target): Omit<StoredSend, 'id'> {
  const { now } = plan;
  const dead = plan.failure !== null;
  return {
    message_id: messageId,
    room_id: plan.roomId,
    subject,
    kind: action.kind,
    target: action.kind === 'create' ? null : action.target,
    payload: plan.payload,
    sealed: plan.seals ? unsealed : null,
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
  };
}
