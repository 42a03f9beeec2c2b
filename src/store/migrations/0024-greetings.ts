import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the rooms that were greeted. `tables.ts` documents the columns. */
export const greetingsMigration: Migration = {
  name: '0024-greetings',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('greetings')
      .addColumn('address', 'text', (c) => c.primaryKey())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .execute();
  },
};
