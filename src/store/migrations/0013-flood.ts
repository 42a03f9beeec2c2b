import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/**
 * Adds the indexes that handle a flood: each query of the outbox costs the same for any number of waiting deliveries
 * and rooms. `tables.ts` documents the columns.
 */
export const floodMigration: Migration = {
  name: '0013-flood',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .alterTable('deliveries')
      .addColumn('ready', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    for (const name of ['waiting_priority', 'waiting_due', 'waiting_arrival', 'message', 'settled'] as const)
      await db.schema.dropIndex(`deliveries_${name}`).execute();
    // Finds the most urgent delivery that is ready.
    await db.schema
      .createIndex('deliveries_ready')
      .on('deliveries')
      .columns(['room_id', 'priority', 'id'])
      .where(sql<boolean>`state = 'waiting' and ready = 1`)
      .execute();
    // Finds when the next one becomes ready, and the age of the oldest ready one.
    await db.schema
      .createIndex('deliveries_due')
      .on('deliveries')
      .columns(['room_id', 'ready', 'due_at'])
      .where(sql.ref('state'), '=', sql.lit('waiting'))
      .execute();
    // A destroy has no time of its own and is found by its arrival.
    await db.schema
      .createIndex('deliveries_waiting_destroy')
      .on('deliveries')
      .columns(['room_id', 'subject', 'event_id'])
      .where(sql<boolean>`state = 'waiting' and order_at is null`)
      .execute();
    // Finds the newest deliveries of a room in any state.
    await db.schema.createIndex('deliveries_room').on('deliveries').columns(['room_id', 'event_id']).execute();
    await db.schema
      .createIndex('deliveries_message')
      .on('deliveries')
      .columns(['message_id', 'slot'])
      .where(sql.ref('message_id'), 'is not', null)
      .execute();
    await db.schema
      .createIndex('deliveries_settled')
      .on('deliveries')
      .column('settled_at')
      .where(sql.ref('settled_at'), 'is not', null)
      .execute();

    await db.schema
      .createTable('digest_lines')
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('message_id', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('digest_lines_key', ['subject', 'message_id'])
      .execute();
    await db.schema.createIndex('digest_lines_message').on('digest_lines').column('message_id').execute();
    await sql`insert into digest_lines (subject, message_id)
      select distinct d.subject, d.message_id from deliveries d join messages m on m.id = d.message_id
      where m.wave is not null`.execute(db);
    await db.schema.dropIndex('messages_wave').execute();
    await db.schema
      .createIndex('messages_wave')
      .on('messages')
      .column('wave')
      .where(sql.ref('wave'), 'is not', null)
      .execute();
    // Finds old messages without reading the others.
    await db.schema.createIndex('messages_created').on('messages').column('created_at').execute();
    await db.schema.alterTable('rooms').dropColumn('owner').execute();
    await db.schema.alterTable('rooms').dropColumn('lease_until').execute();
  },
};
