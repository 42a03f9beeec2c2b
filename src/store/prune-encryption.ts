import { sql } from 'kysely';
import type { Database } from './tables.ts';

/**
 * Time for which what is needed to read a message is kept, ms. Clients take a new key after a week or 100 messages, unless a
 * room says otherwise (https://spec.matrix.org/v1.18/client-server-api/#mroomencryption).
 */
export const readableForMs = 180 * 24 * 60 * 60 * 1_000;

/** The library's name for the keys of messages, ours and those of others: one each for a sender, a room and a while. */
const messageKeys = 'inbound_group_sessions3';

/** Most rows that one transaction deletes. */
const BATCH = 200;

/**
 * Deletes the keys of messages that were written before `before` (Unix milliseconds), and the notes on the messages that were
 * encrypted and read with keys that old. Returns the number of deleted rows, a batch at most of each kind.
 */
export async function pruneEncryption(db: Database, before: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const deleted = [
      await sql`delete from encryption_records where (account, device, database, collection, key) in (
        select r.account, r.device, r.database, r.collection, r.key from encryption_databases d join encryption_records r
          on r.account = d.account and r.device = d.device and r.database = d.name and r.collection = ${messageKeys}
        where r.written_at < ${before} limit ${BATCH})`.execute(trx),
      // The indices of a key that is still in use stay, all of them.
      await sql`delete from sealed_indices where session in (
        select session from sealed_indices group by session having max(at) < ${before} limit ${BATCH})`.execute(trx),
      await sql`delete from read_indices where (session, message_index) in (
        select session, message_index from read_indices where at < ${before} limit ${BATCH})`.execute(trx),
    ];
    return deleted.reduce((sum, { numAffectedRows }) => sum + Number(numAffectedRows ?? 0n), 0);
  });
}
