import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the `lookout run` that uses the database, and marks cards of a replaced room. `tables.ts` documents the columns. */
export const doorsMigration: Migration = {
  name: '0011-doors',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('run_lock')
      .addColumn('token', 'bigint', (c) => c.primaryKey())
      .addColumn('process', 'integer', (c) => c.notNull())
      .execute();
    await db.schema
      .alterTable('cards')
      .addColumn('moved', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
  },
};
