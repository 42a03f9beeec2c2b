import type { PlatformName } from '../words.ts';
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

/** Returns null if the account uses the tokens in the configuration. */
export async function loadTokens(db: Database, platform: PlatformName): Promise<StoredTokens | null> {
  const row = await db.selectFrom('credentials').selectAll().where('platform', '=', platform).executeTakeFirst();
  if (row === undefined) return null;
  const { origin, access_token: access, refresh_token: refresh, renew_at: renewAt } = row;
  return { origin, access, refresh, renewAt };
}

/** Resolves when they are on the disk. */
export async function saveTokens(db: Database, platform: PlatformName, tokens: StoredTokens): Promise<void> {
  const { origin, access, refresh, renewAt } = tokens;
  const row = { origin, access_token: access, refresh_token: refresh, renew_at: renewAt };
  await db
    .insertInto('credentials')
    .values({ platform, ...row })
    .onConflict((c) => c.column('platform').doUpdateSet(row))
    .execute();
}
