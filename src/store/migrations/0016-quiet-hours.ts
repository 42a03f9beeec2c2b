import { type ColumnDefinitionBuilder, type Kysely, PostgresAdapter } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds quiet hours made by commands, and the events that a mute lets through. `tables.ts` documents the columns. */
export const quietHoursMigration: Migration = {
  name: '0016-quiet-hours',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('mutes').addColumn('except', 'text').execute();
    const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
    const asId = (c: ColumnDefinitionBuilder) => (postgres ? c.primaryKey() : c.primaryKey().autoIncrement());
    await db.schema
      .createTable('quiet_hours')
      .addColumn('id', postgres ? 'serial' : 'integer', asId)
      .addColumn('room_id', 'integer', (c) => c.notNull())
      .addColumn('hours', 'text', (c) => c.notNull())
      .addColumn('days', 'text', (c) => c.notNull())
      .addColumn('timezone', 'text')
      .addColumn('events', 'text')
      .addColumn('except', 'text')
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('quiet_hours_room').on('quiet_hours').column('room_id').execute();
  },
};
