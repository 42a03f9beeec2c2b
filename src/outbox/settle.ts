import type { Database, Trx } from '../store/tables.ts';
import type { Decision } from './decide.ts';
import type { StoredSend } from './next-work.ts';

/** Writes what was decided about a send, for the send, its message and its deliveries, in one transaction. */
export async function settle(db: Database, send: StoredSend, decision: Decision, now: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    switch (decision.step) {
      case 'settle':
        await trx
          .updateTable('messages')
          .set({ platform_id: decision.platformId, content: null })
          .where('id', '=', send.message_id)
          .execute();
        await end(trx, send, 'sent', null, now);
        return;
      case 'deadLetter':
        await end(trx, send, 'dead', decision.reason, now);
        return;
      case 'repeat':
        await trx
          .updateTable('sends')
          .set({ due_at: now + decision.waitMs })
          .where('id', '=', send.id)
          .execute();
        return;
      case 'planAnew':
        await discard(trx, send, decision.pause.who === 'message' ? now + decision.pause.waitMs : now);
        return;
      default:
        decision satisfies never;
    }
  });
}

/**
 * Settles a delivery that a mute stops. False where the mute ended meanwhile: then its notice is written already, and the
 * delivery goes its way.
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

/** Notes that another attempt is about to be made, before its first byte leaves. */
export async function noteAttempt(db: Database, send: StoredSend, countedMs: number, now: number): Promise<StoredSend> {
  const attempt = { attempts: send.attempts + 1, last_attempt_at: now, counted_ms: countedMs };
  await db.updateTable('sends').set(attempt).where('id', '=', send.id).execute();
  return { ...send, ...attempt };
}

async function end(
  trx: Trx,
  send: StoredSend,
  state: 'sent' | 'dead',
  reason: string | null,
  now: number,
): Promise<void> {
  // A settled send needs its payload no more, a dead letter may be looked at.
  const payload = state === 'sent' ? { payload: '' } : {};
  await trx
    .updateTable('sends')
    .set({ state, reason, settled_at: now, ...payload })
    .where('id', '=', send.id)
    .execute();
  await trx
    .updateTable('deliveries')
    .set({ state, reason, settled_at: now })
    .where('message_id', '=', send.message_id)
    .execute();
}

/** Certainly not there: the send and its message go, the deliveries wait again, with the time that counts so far. */
async function discard(trx: Trx, send: StoredSend, dueAt: number): Promise<void> {
  await trx
    .updateTable('deliveries')
    .set({
      state: 'waiting',
      reason: null,
      message_id: null,
      slot: null,
      due_at: dueAt,
      last_attempt_at: send.last_attempt_at,
      counted_ms: send.counted_ms,
    })
    .where('message_id', '=', send.message_id)
    .execute();
  await trx.deleteFrom('sends').where('id', '=', send.id).execute();
  // A notice is a message of its own, and is sent again.
  await trx.deleteFrom('messages').where('id', '=', send.message_id).where('content', 'is', null).execute();
}
