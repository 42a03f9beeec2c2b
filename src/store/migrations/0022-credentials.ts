import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the tokens that accounts got instead of those in the configuration. `tables.ts` documents the columns. */
export const credentialsMigration: Migration = {
  name: '0022-credentials',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('credentials')
      .addColumn('platform', 'text', (c) => c.primaryKey())
      .addColumn('origin', 'text', (c) => c.notNull())
      .addColumn('access_token', 'text', (c) => c.notNull())
      .addColumn('refresh_token', 'text', (c) => c.notNull())
      .addColumn('renew_at', 'integer')
      .execute();
  },
};
