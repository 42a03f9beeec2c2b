import { type Kysely, sql } from 'kysely';
import { isPostgres, type Migration } from './migration.ts';

/** Adds, on PostgreSQL, the counter by which commands tell the running Lookout of their changes. `tables.ts` documents the column. */
export const commandChangesMigration: Migration = {
  name: '0031-command-changes',
  async up(db: Kysely<never>): Promise<void> {
    if (!isPostgres(db)) return;
    await db.schema
      .createTable('command_changes')
      .addColumn('version', 'bigint', (c) => c.notNull())
      .execute();
    await sql`insert into command_changes (version) values (0)`.execute(db);
  },
};
