import { type Kysely, sql } from 'kysely';
import { isPostgres, type Migration } from './migration.ts';

/**
 * Adds, on PostgreSQL, the leases by which one of several processes works, and the counter by which commands tell it of
 * their changes. `tables.ts` documents the columns.
 */
export const leasesMigration: Migration = {
  name: '0031-leases',
  async up(db: Kysely<never>): Promise<void> {
    if (!isPostgres(db)) return;
    await db.schema
      .createTable('leases')
      .addColumn('unit', 'text', (c) => c.primaryKey())
      .addColumn('owner', 'text', (c) => c.notNull())
      .addColumn('holder', 'text', (c) => c.notNull())
      .addColumn('epoch', 'bigint', (c) => c.notNull())
      .addColumn('ends_at', 'timestamptz', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('command_changes')
      .addColumn('version', 'bigint', (c) => c.notNull())
      .execute();
    await sql`insert into command_changes (version) values (0)`.execute(db);
  },
};
