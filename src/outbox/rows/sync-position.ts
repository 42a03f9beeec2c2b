import { sql } from 'kysely';
import type { Account } from '../../adapters/adapter.ts';
import { isPostgres } from '../../store/migrations/migration.ts';
import type { Database, Trx } from '../../store/tables.ts';
import type { PlatformName } from '../../words.ts';

/** Returns the account's sync position; null if it never synced. */
export async function loadSyncPosition(db: Database, platform: PlatformName, account: Account): Promise<string | null> {
  const row = await db
    .selectFrom('accounts')
    .select('sync_position')
    .where('platform', '=', platform)
    .where('account', '=', account.id)
    .where('device', '=', account.device ?? '')
    .executeTakeFirst();
  return row?.sync_position ?? null;
}

export async function saveSyncPosition(
  db: Database | Trx,
  platform: PlatformName,
  account: Account,
  position: string,
): Promise<void> {
  await db
    .insertInto('accounts')
    .values({ platform, account: account.id, device: account.device ?? '', sync_position: position })
    .onConflict((c) => c.columns(['platform', 'account', 'device']).doUpdateSet({ sync_position: position }))
    .execute();
}

/** Shortest wait for a turn, ms. */
const LEAST_WAIT_MS = 50;

/**
 * Takes a turn if the last one of the account was taken at least `everyMs` ago. `now`: by the store's clock, Unix milliseconds. A time
 * later than the next turn was not written by this clock, and does not count. Returns 0, or else the time until the next turn, ms.
 */
export async function takeTurn(
  db: Database,
  platform: PlatformName,
  account: Account,
  { now, everyMs }: { readonly now: number; readonly everyMs: number },
): Promise<number> {
  const key = { platform, account: account.id, device: account.device ?? '' };
  await db
    .insertInto('accounts')
    .values({ ...key, sync_position: '0' })
    .onConflict((c) => c.doNothing())
    .execute();
  const at = sql<number>`cast(sync_position as bigint)`;
  // Each process only estimates the clock of a server.
  const exactly = isPostgres(db)
    ? sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`
    : sql<number>`cast(${now} as bigint)`;
  const { numUpdatedRows } = await db
    .updateTable('accounts')
    .set({ sync_position: sql<string>`cast(${exactly} as text)` })
    .where((row) => row.and(key))
    .where((row) =>
      row.or([row(at, '<=', sql<number>`${exactly} - ${everyMs}`), row(at, '>', sql<number>`${exactly} + ${everyMs}`)]),
    )
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return 0;
  const row = await db
    .selectFrom('accounts')
    .select(sql<number>`${at} + ${everyMs} - ${exactly}`.as('waitMs'))
    .where((one) => one.and(key))
    .executeTakeFirst();
  return Math.min(everyMs, Math.max(LEAST_WAIT_MS, Number(row?.waitMs ?? 0)));
}
