import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the time of each source's first subscription. `tables.ts` documents the columns. */
export const sourcesMigration: Migration = {
  name: '0008-sources',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('sources')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('first_heard_at', 'bigint', (c) => c.notNull())
      .execute();
  },
};
