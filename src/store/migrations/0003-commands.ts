import { type ColumnDefinitionBuilder, type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the results of commands: subscriptions, mutes, and the audit of changes. `tables.ts` documents the columns. */
export const commandsMigration: Migration = {
  name: '0003-commands',
  async up(db: Kysely<never>): Promise<void> {
    const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
    const idType = postgres ? 'serial' : 'integer';
    const asId = (c: ColumnDefinitionBuilder) => (postgres ? c.primaryKey() : c.primaryKey().autoIncrement());
    await db.schema
      .createTable('subscriptions')
      .addColumn('seq', idType, asId)
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('events', 'text', (c) => c.notNull())
      .addColumn('where', 'text')
      .addColumn('template', 'text')
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('subscriptions_address').on('subscriptions').column('address').execute();

    await db.schema
      .createTable('mutes')
      .addColumn('id', idType, asId)
      .addColumn('room_id', 'integer', (c) => c.notNull())
      .addColumn('events', 'text')
      .addColumn('where', 'text')
      .addColumn('until', 'bigint', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('ended_by', 'text')
      .execute();
    await db.schema
      .createIndex('mutes_holding')
      .on('mutes')
      .column('room_id')
      .where(sql.ref('ended_at'), 'is', null)
      .execute();
    await db.schema
      .createIndex('deliveries_muted')
      .on('deliveries')
      .column('mute')
      .where(sql.ref('mute'), 'is not', null)
      .execute();

    await db.schema
      .createTable('audit')
      .addColumn('id', idType, asId)
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('command', 'text', (c) => c.notNull())
      .addColumn('what', 'text', (c) => c.notNull())
      .execute();

    await db.schema
      .createTable('handled_commands')
      .addColumn('key', 'text', (c) => c.primaryKey())
      .addColumn('answer', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('handled_commands_at').on('handled_commands').column('at').execute();

    // `why` searches by both.
    await db.schema.createIndex('events_subject').on('events').column('subject').execute();
    await db.schema
      .createIndex('messages_platform')
      .on('messages')
      .column('platform_id')
      .where(sql.ref('platform_id'), 'is not', null)
      .execute();

    await db.schema.alterTable('messages').addColumn('content', 'text').execute();
    await db.schema
      .createIndex('messages_unsent')
      .on('messages')
      .columns(['room_id', 'id'])
      .where(sql.ref('content'), 'is not', null)
      .execute();
  },
};
