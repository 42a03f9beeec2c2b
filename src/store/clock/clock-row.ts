import type { Database } from '../tables.ts';
import type { SavedClock } from './store-time.ts';

/** Returns the clocks as they were saved last; null: never. */
export async function readClockRow(db: Database): Promise<SavedClock | null> {
  const row = await db.selectFrom('store_clock').selectAll().executeTakeFirst();
  if (row === undefined) return null;
  const { boot_id: id, boot_ms: sinceMs } = row;
  return {
    storeAt: Number(row.store_at),
    wallAt: Number(row.wall_at),
    boot: id === null || sinceMs === null ? null : { id, sinceMs: Number(sinceMs) },
    sureSince: Number(row.sure_since),
  };
}

/** Saves the clocks. */
export async function writeClockRow(db: Database, { storeAt, wallAt, boot, sureSince }: SavedClock): Promise<void> {
  const values = {
    store_at: storeAt,
    wall_at: wallAt,
    boot_id: boot?.id ?? null,
    boot_ms: boot?.sinceMs ?? null,
    sure_since: sureSince,
  };
  await db
    .insertInto('store_clock')
    .values({ id: 1, ...values })
    .onConflict((c) => c.column('id').doUpdateSet(values))
    .execute();
}

/** Returns the arrival of the newest event, an instant that is not in the future, Unix milliseconds; 0 if there is none. */
export async function newestInstant(db: Database): Promise<number> {
  const row = await db.selectFrom('events').select('received_at').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return Number(row?.received_at ?? 0);
}
