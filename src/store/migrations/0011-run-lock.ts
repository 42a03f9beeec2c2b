import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Which `lookout run` works on the database, see `../lock.ts`. `tables.ts` says what each column means. */
export const runLockMigration: Migration = {
  name: '0011-run-lock',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('run_lock')
      .addColumn('token', 'bigint', (c) => c.primaryKey())
      .addColumn('process', 'integer', (c) => c.notNull())
      .execute();
  },
};
