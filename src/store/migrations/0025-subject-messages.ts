import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the index that finds the newest message about a subject in a room that gathers subjects. `tables.ts` documents the columns. */
export const subjectMessagesMigration: Migration = {
  name: '0025-subject-messages',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createIndex('messages_subject')
      .on('messages')
      .columns(['room_id', 'subject'])
      .where(sql.ref('platform_id'), 'is not', null)
      .execute();
  },
};
