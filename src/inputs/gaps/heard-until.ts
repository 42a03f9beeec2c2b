import type { Database } from '../../store/tables.ts';
import { lastReceivedAt } from './event-marks.ts';

/**
 * Stores that all events that a source sent before `at` (Unix milliseconds) are in the store. It also replaces a later
 * time, which was stored before the clock was set back.
 */
export async function noteHeardUntil(db: Database, source: string, at: number): Promise<void> {
  await db
    .insertInto('sources')
    .values({ name: source, first_heard_at: at, heard_until: at })
    .onConflict((c) => c.column('name').doUpdateSet({ heard_until: at }))
    .execute();
}

/**
 * Returns the instant until which all events of a source are stored, Unix milliseconds; null if the source was never
 * subscribed. `'ahead'`: the stored time is after `now`, because the clock was set back, and the true age is unknown.
 */
export async function heardUntil(db: Database, source: string, now: number): Promise<number | 'ahead' | null> {
  const row = await db.selectFrom('sources').selectAll().where('name', '=', source).executeTakeFirst();
  if (row?.heard_until != null) return Number(row.heard_until) > now ? 'ahead' : Number(row.heard_until);
  // An older version of Lookout stored no mark: use the time of the last event or, if there is none, of the first
  // subscription.
  return (await lastReceivedAt(db, source, now)) ?? (row === undefined ? null : Number(row.first_heard_at));
}
