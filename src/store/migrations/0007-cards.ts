import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds cards: the message that shows a subject, and the time to redraw it. `tables.ts` documents the columns. */
export const cardsMigration: Migration = {
  name: '0007-cards',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('cards')
      .addColumn('room_id', 'integer', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('subscription', 'text', (c) => c.notNull())
      .addColumn('template', 'text')
      .addColumn('options', 'text', (c) => c.notNull())
      .addColumn('message_id', 'integer')
      .addColumn('slot', 'integer')
      .addColumn('due_at', 'bigint')
      .addColumn('answers', 'text')
      .addColumn('told', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('cards_key', ['room_id', 'subject'])
      .execute();
    await db.schema.createIndex('cards_subject').on('cards').column('subject').execute();
    await db.schema.createIndex('cards_message').on('cards').column('message_id').execute();
    await db.schema
      .createIndex('cards_due')
      .on('cards')
      .columns(['room_id', 'due_at'])
      .where(sql.ref('due_at'), 'is not', null)
      .execute();

    await db.schema
      .createTable('sites')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('domain', 'text')
      .addColumn('logo', 'text')
      .addColumn('fetched_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('post_details')
      .addColumn('subject', 'text', (c) => c.primaryKey())
      .addColumn('site_id', 'integer')
      .addColumn('reasons', 'text')
      .addColumn('flaggers', 'text', (c) => c.notNull())
      .addColumn('fetched_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('wanted_details')
      .addColumn('subject', 'text', (c) => c.primaryKey())
      .addColumn('names', 'text', (c) => c.notNull())
      .addColumn('due_at', 'bigint', (c) => c.notNull())
      .addColumn('tries', 'integer', (c) => c.notNull())
      .addColumn('since', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('wanted_details_due').on('wanted_details').column('due_at').execute();

    await db.schema.alterTable('messages').addColumn('redraw_at', 'bigint').execute();
    await db.schema
      .alterTable('messages')
      .addColumn('news', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await db.schema.alterTable('messages').addColumn('shown', 'text').execute();
    await db.schema.alterTable('messages').addColumn('pinged', 'text').execute();
    await db.schema.alterTable('messages').addColumn('answers', 'text').execute();
    await db.schema.alterTable('messages').addColumn('answers_in', 'text').execute();
    await sql`update messages set redraw_at = 0 where must_redraw = 1`.execute(db);
    await db.schema.dropIndex('messages_redraw').execute();
    await db.schema.alterTable('messages').dropColumn('must_redraw').execute();
    await db.schema
      .createIndex('messages_redraw')
      .on('messages')
      .columns(['room_id', 'redraw_at'])
      .where(sql.ref('redraw_at'), 'is not', null)
      .execute();
    await db.schema.dropIndex('messages_wave').execute();
    await db.schema
      .createIndex('messages_wave')
      .on('messages')
      .column('created_at')
      .where(sql.ref('wave'), 'is not', null)
      .execute();
    await db.schema
      .createIndex('messages_pinged')
      .on('messages')
      .columns(['room_id', 'created_at'])
      .where(sql.ref('pinged'), 'is not', null)
      .execute();

    // Finds the known values of a row.
    await db.schema.createIndex('events_row').on('events').columns(['model', 'row_id']).execute();
  },
};
