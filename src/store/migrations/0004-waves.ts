import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/**
 * Adds the columns for a room with a backlog: priority, deliveries that must go alone, and messages that accept more.
 * `tables.ts` documents the columns.
 */
export const wavesMigration: Migration = {
  name: '0004-waves',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .alterTable('deliveries')
      .addColumn('priority', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await db.schema
      .alterTable('deliveries')
      .addColumn('alone', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await db.schema.alterTable('deliveries').addColumn('catch_up', 'integer').execute();
    await db.schema.alterTable('messages').addColumn('wave', 'integer').execute();
    await db.schema
      .alterTable('messages')
      .addColumn('grows', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await db.schema.dropIndex('deliveries_waiting').execute();
    await db.schema
      .createIndex('deliveries_waiting_priority')
      .on('deliveries')
      .columns(['room_id', 'priority', 'id'])
      .where(sql.ref('state'), '=', sql.lit('waiting'))
      .execute();
    await db.schema
      .createIndex('deliveries_planned')
      .on('deliveries')
      .columns(['room_id', 'subject'])
      .where(sql.ref('state'), '=', sql.lit('planned'))
      .execute();
    await db.schema
      .createIndex('deliveries_catching_up')
      .on('deliveries')
      .column('catch_up')
      .where(sql.ref('catch_up'), 'is not', null)
      .execute();
    await db.schema
      .createIndex('messages_growing')
      .on('messages')
      .columns(['room_id', 'id'])
      .where(sql.ref('grows'), '=', sql.lit(1))
      .execute();
    await db.schema
      .createIndex('messages_wave')
      .on('messages')
      .columns(['room_id', 'id'])
      .where(sql.ref('wave'), 'is not', null)
      .execute();
    await db.schema
      .createIndex('messages_redraw')
      .on('messages')
      .columns(['room_id', 'id'])
      .where(sql.ref('must_redraw'), '=', sql.lit(1))
      .execute();
  },
};
