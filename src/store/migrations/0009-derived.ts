import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the columns and indexes for derived events. `tables.ts` documents the columns. */
export const derivedMigration: Migration = {
  name: '0009-derived',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('events').addColumn('trigger_id', 'bigint').execute();
    await db.schema
      .createIndex('events_derived')
      .on('events')
      .columns(['subject', 'id'])
      .where(sql.ref('origin'), '=', sql.lit('derived'))
      .execute();
    await db.schema
      .createIndex('events_statistics')
      .on('events')
      .column('id')
      .where(sql.ref('model'), '=', sql.lit('statistics'))
      .execute();
  },
};
