import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/**
 * Adds what the last message about a row says, by which an update that repeats it is found, and the votes that wait for
 * the name of their voter. `tables.ts` documents the columns.
 */
export const repeatsMigration: Migration = {
  name: '0019-repeats',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('deliveries').addColumn('row_key', 'text').execute();
    await db.schema.alterTable('deliveries').addColumn('content', 'text').execute();
    await db.schema
      .createIndex('deliveries_about_row')
      .on('deliveries')
      .columns(['room_id', 'row_key', 'message_id', 'slot'])
      .where(sql<boolean>`row_key is not null and state = 'sent'`)
      .execute();
    await db.schema
      .createIndex('deliveries_awaiting_name')
      .on('deliveries')
      .column('subject')
      .where(sql.ref('reason'), '=', sql.lit('awaits name'))
      .execute();
  },
};
