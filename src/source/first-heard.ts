import type { Database } from '../store/tables.ts';

/** Writes down that a source tells us from now on (Unix milliseconds), unless it did before. */
export async function noteFirstHeard(db: Database, source: string, now: number): Promise<void> {
  const row = { name: source, first_heard_at: now };
  await db
    .insertInto('sources')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** When a source told us for the first time, Unix milliseconds; null: it never did. */
export async function firstHeardAt(db: Database, source: string): Promise<number | null> {
  const row = await db.selectFrom('sources').select('first_heard_at').where('name', '=', source).executeTakeFirst();
  return row === undefined ? null : Number(row.first_heard_at);
}
