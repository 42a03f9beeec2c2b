import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/**
 * Adds indexes for rows that are read without regard to how many others there are. Without statistics SQLite takes an index of the room alone
 * for one that fits better, so that of the messages has their time, too.
 */
export const fittingIndexesMigration: Migration = {
  name: '0036-fitting-indexes',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.dropIndex('messages_room').execute();
    await db.schema.createIndex('messages_room').on('messages').columns(['room_id', 'created_at']).execute();
    await db.schema.createIndex('mutes_room').on('mutes').columns(['room_id', 'until']).execute();
    await db.schema.createIndex('rooms_account').on('rooms').column('account').execute();
    // Old rows are deleted some at a time.
    await db.schema.createIndex('post_details_fetched').on('post_details').column('fetched_at').execute();
    await db.schema
      .createIndex('sends_settled')
      .on('sends')
      .column('settled_at')
      .where(sql.ref('settled_at'), 'is not', null)
      .execute();
    await db.schema
      .createIndex('deliveries_parked')
      .on('deliveries')
      .column('room_id')
      .where(sql<boolean>`state = 'waiting' and reason = 'parked'`)
      .execute();
  },
};
