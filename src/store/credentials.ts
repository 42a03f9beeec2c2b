import { platformOfAccount } from '../account-id.ts';
import type { AccountId } from '../words.ts';
import type { Database } from './tables.ts';

/** The tokens that an account got instead of those in the configuration. */
export interface StoredTokens {
  /** Hash of the tokens in the configuration, which led to these. */
  readonly origin: string;
  readonly access: string;
  readonly refresh: string;
  /** Time from which on the access token is renewed, Unix ms; null: not known. */
  readonly renewAt: number | null;
}

/**
 * Returns null if the account uses the tokens in the configuration. With `origin`, tokens of that origin are also found
 * under another account of the platform: the account was renamed.
 */
export async function loadTokens(
  db: Database,
  account: AccountId,
  origin: string | null = null,
): Promise<StoredTokens | null> {
  const rows = await db.selectFrom('credentials').selectAll().execute();
  const ofPlatform = rows.filter((row) => platformOfAccount(row.account) === platformOfAccount(account));
  const own = ofPlatform.find((row) => row.account === account);
  const renamed = origin === null ? undefined : ofPlatform.find((row) => row.origin === origin);
  const row = own === undefined || (renamed !== undefined && own.origin !== origin) ? renamed : own;
  if (row === undefined) return null;
  const { access_token: access, refresh_token: refresh, renew_at: renewAt } = row;
  return { origin: row.origin, access, refresh, renewAt };
}

/** Resolves when they are on the disk. */
export async function saveTokens(db: Database, account: AccountId, tokens: StoredTokens): Promise<void> {
  const { origin, access, refresh, renewAt } = tokens;
  const row = { origin, access_token: access, refresh_token: refresh, renew_at: renewAt };
  await db
    .insertInto('credentials')
    .values({ account, ...row })
    .onConflict((c) => c.column('account').doUpdateSet(row))
    .execute();
}
