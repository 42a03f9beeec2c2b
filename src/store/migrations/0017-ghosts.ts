import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the posts that the API denies. `tables.ts` documents the column. */
export const ghostsMigration: Migration = {
  name: '0017-ghosts',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('post_details').addColumn('absent_at', 'bigint').execute();
  },
};
