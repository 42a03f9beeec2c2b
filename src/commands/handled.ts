import type { Database, Trx } from '../store/tables.ts';
import type { Answer } from './invocation.ts';

/** For how long a command that was run may come again, in milliseconds: a homeserver repeats what we did not note as read. */
const KEEP_MS = 7 * 86_400_000;

/** The answer to a command that was run already; null for a new one. */
export async function findAnswer(db: Database, key: string): Promise<Answer | null> {
  const row = await db.selectFrom('handled_commands').select('answer').where('key', '=', key).executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.answer) as Answer);
}

/** Notes that a command was run, in the transaction that holds what it changed; forgets those of a week ago. */
export async function storeAnswer(trx: Trx, key: string, answer: Answer, now: number): Promise<void> {
  await trx
    .deleteFrom('handled_commands')
    .where('at', '<', now - KEEP_MS)
    .execute();
  await trx
    .insertInto('handled_commands')
    .values({ key, answer: JSON.stringify(answer), at: now })
    .execute();
}
