import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the state of end-to-end encryption, and the encrypted form of a send. `tables.ts` documents the columns. */
export const encryptionMigration: Migration = {
  name: '0026-encryption',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('encryption_databases')
      .addColumn('account', 'text', (c) => c.notNull())
      .addColumn('device', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('schema', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('encryption_databases_key', ['account', 'device', 'name'])
      .execute();
    await db.schema
      .createTable('encryption_records')
      .addColumn('account', 'text', (c) => c.notNull())
      .addColumn('device', 'text', (c) => c.notNull())
      .addColumn('database', 'text', (c) => c.notNull())
      .addColumn('collection', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addColumn('written_at', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('encryption_records_key', ['account', 'device', 'database', 'collection', 'key'])
      .execute();
    await db.schema
      .createTable('encryption_identities')
      .addColumn('account', 'text', (c) => c.primaryKey())
      .addColumn('seeds', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('encrypted_rooms')
      .addColumn('account', 'text', (c) => c.notNull())
      .addColumn('room', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('encrypted_rooms_key', ['account', 'room'])
      .execute();
    await db.schema
      .createTable('sealed_indices')
      .addColumn('session', 'text', (c) => c.notNull())
      .addColumn('message_index', 'integer', (c) => c.notNull())
      .addColumn('at', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('sealed_indices_key', ['session', 'message_index'])
      .execute();
    await db.schema
      .createTable('read_indices')
      .addColumn('session', 'text', (c) => c.notNull())
      .addColumn('message_index', 'integer', (c) => c.notNull())
      .addColumn('event', 'text', (c) => c.notNull())
      .addColumn('at', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('read_indices_key', ['session', 'message_index'])
      .execute();
    await db.schema.alterTable('sends').addColumn('sealed', 'text').execute();
  },
};
