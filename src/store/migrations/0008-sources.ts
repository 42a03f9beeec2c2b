import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Since when we listen to a source. `tables.ts` says what each column means. */
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
