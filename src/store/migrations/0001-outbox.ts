import { type ColumnDefinitionBuilder, type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds events, rooms and the outbox. `tables.ts` documents the columns. */
export const outboxMigration: Migration = {
  name: '0001-outbox',
  async up(db: Kysely<never>): Promise<void> {
    const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
    const idType = postgres ? 'serial' : 'integer';
    const asId = (c: ColumnDefinitionBuilder) => (postgres ? c.primaryKey() : c.primaryKey().autoIncrement());
    await db.schema
      .createTable('events')
      .addColumn('id', idType, asId)
      .addColumn('source', 'text', (c) => c.notNull())
      .addColumn('model', 'text', (c) => c.notNull())
      .addColumn('class', 'text', (c) => c.notNull())
      .addColumn('row_id', 'text')
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('updated_at', 'text')
      .addColumn('received_at', 'bigint', (c) => c.notNull())
      .addColumn('origin', 'text', (c) => c.notNull())
      .addColumn('object', 'text', (c) => c.notNull())
      .addColumn('identity', 'text', (c) => c.unique())
      .addColumn('forget_at', 'bigint')
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('failure', 'text')
      .execute();
    await db.schema.createIndex('events_received').on('events').column('received_at').execute();
    await db.schema
      .createIndex('events_unrouted')
      .on('events')
      .column('id')
      .where(sql.ref('state'), '<>', sql.lit('routed'))
      .execute();

    await db.schema
      .createTable('rooms')
      .addColumn('id', idType, asId)
      .addColumn('key', 'text', (c) => c.notNull().unique())
      .addColumn('address', 'text', (c) => c.notNull().unique())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('platform', 'text', (c) => c.notNull())
      .addColumn('resolved', 'text')
      .addColumn('configured', 'integer', (c) => c.notNull())
      .addColumn('owner', 'text')
      .addColumn('lease_until', 'bigint', (c) => c.notNull())
      .execute();

    await db.schema
      .createTable('accounts')
      .addColumn('platform', 'text', (c) => c.notNull())
      .addColumn('account', 'text', (c) => c.notNull())
      .addColumn('device', 'text', (c) => c.notNull())
      .addColumn('sync_position', 'text')
      .addPrimaryKeyConstraint('accounts_key', ['platform', 'account', 'device'])
      .execute();

    await db.schema
      .createTable('messages')
      .addColumn('id', idType, asId)
      .addColumn('room_id', 'integer', (c) => c.notNull().references('rooms.id'))
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('platform_id', 'text')
      .addColumn('must_redraw', 'integer', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('messages_room').on('messages').column('room_id').execute();

    await db.schema
      .createTable('deliveries')
      .addColumn('id', idType, asId)
      .addColumn('event_id', 'integer', (c) => c.notNull().references('events.id'))
      .addColumn('room_id', 'integer', (c) => c.notNull().references('rooms.id'))
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('subscription', 'text', (c) => c.notNull())
      .addColumn('template', 'text')
      .addColumn('options', 'text', (c) => c.notNull())
      .addColumn('due_at', 'bigint', (c) => c.notNull())
      .addColumn('mute', 'text')
      .addColumn('message_id', 'integer', (c) => c.references('messages.id'))
      .addColumn('slot', 'integer')
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('first_attempt_at', 'bigint')
      .addColumn('last_attempt_at', 'bigint')
      .addColumn('counted_ms', 'bigint', (c) => c.notNull())
      .addColumn('settled_at', 'bigint')
      .addUniqueConstraint('deliveries_once', ['event_id', 'room_id'])
      .execute();
    for (const [name, columns] of [
      ['deliveries_waiting', ['room_id', 'id']],
      ['deliveries_waiting_subject', ['room_id', 'subject']],
      ['deliveries_waiting_due', ['room_id', 'due_at']],
    ] as const)
      await db.schema
        .createIndex(name)
        .on('deliveries')
        .columns([...columns])
        .where(sql.ref('state'), '=', sql.lit('waiting'))
        .execute();
    await db.schema
      .createIndex('deliveries_awaiting')
      .on('deliveries')
      .column('subject')
      .where(sql.ref('reason'), '=', sql.lit('awaits post'))
      .execute();
    await db.schema.createIndex('deliveries_message').on('deliveries').column('message_id').execute();
    await db.schema.createIndex('deliveries_settled').on('deliveries').column('settled_at').execute();

    await db.schema
      .createTable('sends')
      .addColumn('id', idType, asId)
      .addColumn('message_id', 'integer', (c) => c.notNull().references('messages.id'))
      .addColumn('room_id', 'integer', (c) => c.notNull().references('rooms.id'))
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('target', 'text')
      .addColumn('payload', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('account', 'text', (c) => c.notNull())
      .addColumn('device', 'text', (c) => c.notNull())
      .addColumn('first_attempt_at', 'bigint', (c) => c.notNull())
      .addColumn('last_attempt_at', 'bigint', (c) => c.notNull())
      .addColumn('counted_ms', 'bigint', (c) => c.notNull())
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('due_at', 'bigint', (c) => c.notNull())
      .addColumn('settled_at', 'bigint')
      .execute();
    await db.schema
      .createIndex('sends_pending')
      .on('sends')
      .columns(['room_id', 'due_at'])
      .where(sql.ref('state'), '=', sql.lit('pending'))
      .execute();
    await db.schema
      .createIndex('sends_dead')
      .on('sends')
      .column('id')
      .where(sql.ref('state'), '=', sql.lit('dead'))
      .execute();
    await db.schema.createIndex('sends_message').on('sends').column('message_id').execute();
  },
};
