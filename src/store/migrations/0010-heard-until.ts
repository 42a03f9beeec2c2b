import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds how far a source was received, and which gaps are still to be fetched. `tables.ts` documents the columns. */
export const heardUntilMigration: Migration = {
  name: '0010-heard-until',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('sources').addColumn('heard_until', 'bigint').execute();
    await db.schema.alterTable('gaps').addColumn('open_from', 'bigint').execute();
    await db.schema
      .alterTable('gaps')
      .addColumn('tries', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await db.schema.alterTable('gaps').addColumn('problem', 'text').execute();
    await db.schema.alterTable('gaps').addColumn('told_at', 'bigint').execute();
    // Reopens gaps that were not completely fetched.
    const gaps = (db as unknown as Kysely<OldTables>).updateTable('gaps');
    await gaps
      .set((s) => ({ open_from: s.ref('from_at') }))
      .where('fetched', 'is', null)
      .execute();
  },
};

/** The table as it is at this migration. */
interface OldTables {
  readonly gaps: { readonly from_at: number; readonly fetched: number | null; readonly open_from: number | null };
}
