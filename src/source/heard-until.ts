import type { Database } from '../store/tables.ts';
import { lastReceivedAt } from './event-marks.ts';

/**
 * Notes that all that a source told before `at` (Unix milliseconds) is in the store. What bears a later time was set by a clock that
 * has been set back since: the new time replaces it.
 */
export async function noteHeardUntil(db: Database, source: string, at: number): Promise<void> {
  await db
    .insertInto('sources')
    .values({ name: source, first_heard_at: at, heard_until: at })
    .onConflict((c) => c.column('name').doUpdateSet({ heard_until: at }))
    .execute();
}

/**
 * Until when a source was heard before `now`, Unix milliseconds; null: it never was. `ahead`: what was noted bears a time that is
 * still to come, since the clock was set back, nobody knows how long ago.
 */
export async function heardUntil(db: Database, source: string, now: number): Promise<number | 'ahead' | null> {
  const row = await db.selectFrom('sources').selectAll().where('name', '=', source).executeTakeFirst();
  if (row?.heard_until != null) return Number(row.heard_until) > now ? 'ahead' : Number(row.heard_until);
  // By an older Lookout: when the last event came, or, where none ever did, the first subscription was confirmed.
  return (await lastReceivedAt(db, source, now)) ?? (row === undefined ? null : Number(row.first_heard_at));
}
