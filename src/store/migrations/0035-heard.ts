import type { Kysely } from 'kysely';
import { isPostgres, type Migration } from './migration.ts';

/** Adds what shards in units of their own hear for the account. `tables.ts` documents the columns. */
export const heardMigration: Migration = {
  name: '0035-heard',
  async up(db: Kysely<never>): Promise<void> {
    const postgres = isPostgres(db);
    await db.schema
      .createTable('heard')
      .addColumn('id', postgres ? 'bigserial' : 'integer', (c) =>
        postgres ? c.primaryKey() : c.primaryKey().autoIncrement(),
      )
      .addColumn('account', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('heard_account').on('heard').columns(['account', 'id']).execute();
  },
};
