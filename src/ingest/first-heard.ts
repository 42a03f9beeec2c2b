import type { Trx } from '../store/tables.ts';

/**
 * Returns when a source was first subscribed, Unix milliseconds: what happened before is not news. Null if it never was,
 * or if that time is after `now`: the clock was set back since, and the true time is unknown.
 */
export async function firstHeardAt(db: Pick<Trx, 'selectFrom'>, source: string, now: number): Promise<number | null> {
  const row = await db.selectFrom('sources').select('first_heard_at').where('name', '=', source).executeTakeFirst();
  const at = row === undefined ? null : Number(row.first_heard_at);
  return at === null || at > now ? null : at - ROUNDED_MS;
}

/** Rows are dated in whole seconds, rounded down. */
const ROUNDED_MS = 1_000;
