import type { Database } from '../../store/tables.ts';
import type { AccountId, Json } from '../../words.ts';

/** Time after which a message that no account takes is deleted, ms. */
const KEPT_MS = 15 * 60_000;

/** A message of a shard to its account. `at`: by the store's clock, Unix milliseconds. */
export interface HeardRow {
  readonly content: Json;
  readonly at: number;
}

/** Stores a message of a shard until the account takes it. */
export async function storeHeard(db: Database, account: AccountId, { content, at }: HeardRow): Promise<void> {
  await db
    .deleteFrom('heard')
    .where('account', '=', account)
    .where('at', '<', at - KEPT_MS)
    .execute();
  await db
    .insertInto('heard')
    .values({ account, content: JSON.stringify(content), at })
    .execute();
}

/** Takes all messages to an account, in the order in which they were stored. */
export async function takeHeard(db: Database, account: AccountId): Promise<readonly HeardRow[]> {
  const known = await db.selectFrom('heard').select('id').where('account', '=', account).limit(1).executeTakeFirst();
  // A deletion would be a write each time.
  if (known === undefined) return [];
  const rows = await db.deleteFrom('heard').where('account', '=', account).returning(['id', 'content', 'at']).execute();
  return rows.toSorted((a, b) => a.id - b.id).map(({ content, at }) => ({ content: JSON.parse(content) as Json, at }));
}
