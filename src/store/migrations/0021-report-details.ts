import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds what a report shows about its post beyond its row. `tables.ts` documents the columns. */
export const reportDetailsMigration: Migration = {
  name: '0021-report-details',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createIndex('deliveries_awaiting_details')
      .on('deliveries')
      .column('subject')
      .where(sql.ref('reason'), '=', sql.lit('awaits details'))
      .execute();
  },
};
