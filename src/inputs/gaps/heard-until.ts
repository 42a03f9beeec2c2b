import type { Database } from '../../store/tables.ts';
import { lastReceivedAt } from './event-marks.ts';

/**
 * Notes that all events that a source sent before `at` (Unix milliseconds) are in the store. The new time replaces a later one, too:
 * that was written before the clock was set back.
 */
export async function noteHeardUntil(db: Database, source: string, at: number): Promise<void> {
  await db
    .insertInto('sources')
    .values({ name: source, first_heard_at: at, heard_until: at })
    .onConflict((c) => c.column('name').doUpdateSet({ heard_until: at }))
    .execute();
}

/**
 * The instant until which a source was heard before `now`, Unix milliseconds; null: it never was. `ahead`: the time that was noted is
 * still to come, since the clock was set back, and it is not known how long ago it was.
 */
export async function heardUntil(db: Database, source: string, now: number): Promise<number | 'ahead' | null> {
  const row = await db.selectFrom('sources').selectAll().where('name', '=', source).executeTakeFirst();
  if (row?.heard_until != null) return Number(row.heard_until) > now ? 'ahead' : Number(row.heard_until);
  // By an older Lookout: when the last event came, or, where none ever did, the first subscription was confirmed.
  return (await lastReceivedAt(db, source, now)) ?? (row === undefined ? null : Number(row.first_heard_at));
}
