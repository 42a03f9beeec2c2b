import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the high-water mark of each model, which stays when its rows are deleted. `tables.ts` documents the columns. */
export const highWaterMigration: Migration = {
  name: '0006-high-water',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('high_water_marks')
      .addColumn('source', 'text', (c) => c.notNull())
      .addColumn('model', 'text', (c) => c.notNull())
      .addColumn('row_id', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('high_water_marks_key', ['source', 'model'])
      .execute();
  },
};
