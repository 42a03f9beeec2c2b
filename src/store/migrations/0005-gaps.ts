import { type ColumnDefinitionBuilder, type Kysely, PostgresAdapter } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds the gaps of a source. `tables.ts` documents the columns. */
export const gapsMigration: Migration = {
  name: '0005-gaps',
  async up(db: Kysely<never>): Promise<void> {
    const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
    const asId = (c: ColumnDefinitionBuilder) => (postgres ? c.primaryKey() : c.primaryKey().autoIncrement());
    await db.schema
      .createTable('gaps')
      .addColumn('id', postgres ? 'serial' : 'integer', asId)
      .addColumn('source', 'text', (c) => c.notNull())
      .addColumn('from_at', 'bigint', (c) => c.notNull())
      .addColumn('until_at', 'bigint', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('lost', 'text')
      .addColumn('fetched', 'integer')
      .execute();
    await db.schema.createIndex('gaps_until').on('gaps').column('until_at').execute();
  },
};
