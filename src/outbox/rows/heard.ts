import type { Database } from '../../store/tables.ts';
import type { AccountId, Json } from '../../words.ts';

/** Time after which a message that no account takes is deleted, ms: what people asked can be answered no longer. */
const KEPT_MS = 15 * 60_000;
/** Most old messages that are deleted with a new one. */
const OLD_AT_ONCE = 20;
/** Most messages that are read at once. */
const READ_AT_ONCE = 500;

/** A message of a shard to its account. `at`: by the store's clock, Unix milliseconds. */
export interface HeardRow {
  readonly id: number;
  readonly content: Json;
  readonly at: number;
}

/** Stores a message of a shard until the account takes it. */
export async function storeHeard(
  db: Database,
  account: AccountId,
  { content, at }: Omit<HeardRow, 'id'>,
): Promise<void> {
  const oldest = db.selectFrom('heard').select('id').where('account', '=', account).orderBy('id').limit(OLD_AT_ONCE);
  await db
    .deleteFrom('heard')
    .where('id', 'in', oldest)
    .where('at', '<', at - KEPT_MS)
    .execute();
  await db
    .insertInto('heard')
    .values({ account, content: JSON.stringify(content), at })
    .execute();
}

/** Returns the first messages to an account, in the order in which they were stored. */
export async function loadHeard(db: Database, account: AccountId): Promise<readonly HeardRow[]> {
  const rows = await db
    .selectFrom('heard')
    .select(['id', 'content', 'at'])
    .where('account', '=', account)
    .orderBy('id')
    .limit(READ_AT_ONCE)
    .execute();
  return rows.map(({ id, content, at }) => ({ id, content: JSON.parse(content) as Json, at }));
}

/** Deletes messages that their account has taken. */
export async function deleteHeard(db: Database, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('heard').where('id', 'in', ids).execute();
}

/** Deletes messages to accounts that are not there any more. `now`: by the store's clock, Unix milliseconds. */
export async function pruneHeard(db: Database, now: number): Promise<void> {
  await db
    .deleteFrom('heard')
    .where('at', '<', now - KEPT_MS)
    .execute();
}
