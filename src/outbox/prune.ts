import { sql } from 'kysely';
import type { Database } from '../store/tables.ts';

/** How many rows one transaction deletes at most, so that no delivery waits for it. */
const BATCH = 500;

/** What a mute that still holds stopped is told of when it ends. */
const notHeldBack = sql`(mute is null or state <> 'muted'
  or mute not in (select cast(id as text) from mutes where ended_at is null))`;

/**
 * Deletes one batch of what was settled before `cutoff` (Unix milliseconds): deliveries and sends, then messages and events
 * that nothing leads to any more. Failed events stay until the operator has seen to them. Gives how many rows went; 0 when
 * there is nothing left to delete.
 */
export async function pruneBatch(db: Database, cutoff: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const deleted = [
      await sql`delete from sends where id in (
        select id from sends where settled_at < ${cutoff} limit ${BATCH})`.execute(trx),
      await sql`delete from deliveries where id in (
        select id from deliveries where settled_at < ${cutoff} and ${notHeldBack} limit ${BATCH})`.execute(trx),
      await sql`delete from messages where id in (
        select m.id from messages m where m.created_at < ${cutoff} and m.content is null
        and not exists (select 1 from deliveries d where d.message_id = m.id)
        and not exists (select 1 from sends s where s.message_id = m.id) limit ${BATCH})`.execute(trx),
      await sql`delete from events where id in (
        select e.id from events e where e.received_at < ${cutoff} and e.state in ('routed', 'dropped')
        and not exists (select 1 from deliveries d where d.event_id = e.id) limit ${BATCH})`.execute(trx),
      await sql`delete from gaps where id in (
        select id from gaps where until_at < ${cutoff} limit ${BATCH})`.execute(trx),
    ];
    return deleted.reduce((sum, result) => sum + Number(result.numAffectedRows ?? 0n), 0);
  });
}
