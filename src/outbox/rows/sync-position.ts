import type { Account } from '../../adapters/adapter.ts';
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
