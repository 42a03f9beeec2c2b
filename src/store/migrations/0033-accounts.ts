import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the accounts of a platform that has several, and which of them answers a command that several read. `tables.ts` documents the columns. */
export const accountsMigration: Migration = {
  name: '0033-accounts',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .alterTable('rooms')
      .addColumn('account', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
    // Until now a platform had one account, which has no name.
    await sql`update rooms set account = platform`.execute(db);
    // Another account may have a room that an address turns out to lead to.
    await db.schema.createIndex('rooms_resolved').on('rooms').columns(['resolved', 'platform']).execute();
    await db.schema.alterTable('credentials').renameColumn('platform', 'account').execute();
    await db.schema
      .createTable('command_claims')
      .addColumn('key', 'text', (c) => c.primaryKey())
      .addColumn('account', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .execute();
  },
};
