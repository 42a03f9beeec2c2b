import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the clock of the store, one row. `tables.ts` documents the columns. */
export const storeClockMigration: Migration = {
  name: '0034-store-clock',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('store_clock')
      .addColumn('id', 'bigint', (c) => c.primaryKey())
      .addColumn('store_at', 'bigint', (c) => c.notNull())
      .addColumn('wall_at', 'bigint', (c) => c.notNull())
      .addColumn('boot_id', 'text')
      .addColumn('boot_ms', 'bigint')
      .addColumn('sure_since', 'bigint', (c) => c.notNull())
      .execute();
  },
};
