import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** How far each model was known, for when the rows themselves are let go. `tables.ts` says what each column means. */
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
