import { sql } from 'kysely';
import type { Database, Trx } from '../store/tables.ts';
import type { Decision } from './decide.ts';
import type { StoredSend } from './next-work.ts';

/** Writes what was decided about a send, for the send, its message and its deliveries, in one transaction. */
export async function settle(db: Database, send: StoredSend, decision: Decision, now: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    switch (decision.step) {
      case 'settle':
        // An edit leaves a message under the id that it was created with.
        if (send.kind === 'create')
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
        await discard(trx, send, decision.pause.who === 'message' ? { due_at: now + decision.pause.waitMs } : {});
        return;
      case 'split':
        await discard(trx, send, { alone: 1 });
        return;
      case 'leave':
        await discard(trx, send, {});
        await trx.updateTable('messages').set({ grows: 0, must_redraw: 0 }).where('id', '=', send.message_id).execute();
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
  await planned(trx, send).set({ state, reason, settled_at: now }).execute();
}

/** The deliveries of a send: a message has but one without a clear answer at a time. */
const planned = (trx: Trx, send: StoredSend) =>
  trx.updateTable('deliveries').where('message_id', '=', send.message_id).where('state', '=', sql.lit('planned'));

/** Certainly not there: the send goes, the deliveries wait again, with the time that counts so far, and so does a message that nothing shows. */
async function discard(
  trx: Trx,
  send: StoredSend,
  change: { readonly due_at?: number; readonly alone?: 1 },
): Promise<void> {
  await planned(trx, send)
    .set({
      state: 'waiting',
      reason: null,
      message_id: null,
      slot: null,
      last_attempt_at: send.last_attempt_at,
      counted_ms: sql<number>`max(counted_ms, ${send.counted_ms})`,
      ...change,
    })
    .execute();
  await trx.deleteFrom('sends').where('id', '=', send.id).execute();
  // What it was to change still shows less than is known.
  if (send.kind === 'edit')
    await trx.updateTable('messages').set({ must_redraw: 1 }).where('id', '=', send.message_id).execute();
  // A notice is a message of its own, and is sent again; a message that was sent before stays as it was.
  await trx
    .deleteFrom('messages')
    .where('id', '=', send.message_id)
    .where('content', 'is', null)
    .where('platform_id', 'is', null)
    .execute();
}
