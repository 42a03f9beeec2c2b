import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the names of the people who changed something by a command. `tables.ts` documents the columns. */
export const peopleMigration: Migration = {
  name: '0023-people',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('people')
      .addColumn('platform', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('people_of_a_platform', ['platform', 'id'])
      .execute();
  },
};
