import type { Database } from '../../store/tables.ts';
import type { AccountId, Json } from '../../words.ts';

/** Something that a shard heard for its account. `at`: by the store's clock, Unix milliseconds. */
export interface HeardRow {
  readonly content: Json;
  readonly at: number;
}

/** Stores what was heard until the account takes it. */
export async function storeHeard(db: Database, account: AccountId, { content, at }: HeardRow): Promise<void> {
  await db
    .insertInto('heard')
    .values({ account, content: JSON.stringify(content), at })
    .execute();
}

/** Takes all that was heard for an account, in the order in which it was stored. */
export async function takeHeard(db: Database, account: AccountId): Promise<readonly HeardRow[]> {
  const known = await db.selectFrom('heard').select('id').where('account', '=', account).limit(1).executeTakeFirst();
  // A deletion would be a write each time.
  if (known === undefined) return [];
  const rows = await db.deleteFrom('heard').where('account', '=', account).returning(['id', 'content', 'at']).execute();
  return rows.toSorted((a, b) => a.id - b.id).map(({ content, at }) => ({ content: JSON.parse(content) as Json, at }));
}
