import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Migration } from './migration.ts';

/**
 * Adds folds and indexes that make the cost of an event independent of the number of earlier ones. `tables.ts`
 * documents the columns.
 */
export const boundsMigration: Migration = {
  name: '0012-bounds',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('deliveries').addColumn('link', 'text').execute();
    await db.schema.alterTable('deliveries').addColumn('condition_failed', 'text').execute();
    // PostgreSQL came later than this migration, so a database there has no rows yet.
    if (!(db.getExecutor().adapter instanceof PostgresAdapter))
      await sql`
        update deliveries set link = json_extract(e.object, '$.link')
        from events as e
        where e.id = deliveries.event_id and e.model = 'posts' and e.type = 'create'
          and deliveries.state in ('waiting', 'planned', 'sent')
          and json_extract(deliveries.options, '$.merge_reports') is not null
          and json_type(e.object, '$.link') = 'text' and json_extract(e.object, '$.link') <> ''`.execute(db);
    await sql`create index deliveries_link on deliveries (room_id, link, id)
      where link is not null and state in ('waiting', 'planned', 'sent')`.execute(db);

    await db.schema
      .createTable('post_folds')
      .addColumn('subject', 'text', (c) => c.primaryKey())
      .addColumn('through_event', 'bigint', (c) => c.notNull())
      .addColumn('counts', 'text', (c) => c.notNull())
      .addColumn('report', 'text')
      .addColumn('changed_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('post_folds_changed').on('post_folds').column('changed_at').execute();
    await db.schema
      .createTable('post_rows')
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('model', 'text', (c) => c.notNull())
      .addColumn('row_id', 'text', (c) => c.notNull())
      .addColumn('layers', 'text', (c) => c.notNull())
      .addColumn('is_destroyed', 'integer', (c) => c.notNull())
      .addColumn('first_at', 'bigint', (c) => c.notNull())
      .addColumn('made_at', 'bigint', (c) => c.notNull())
      .addColumn('row_number', 'bigint', (c) => c.notNull())
      .addColumn('kind', 'text')
      .addColumn('person', 'text')
      .addColumn('counts', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('post_rows_key', ['subject', 'model', 'row_id'])
      .execute();
    await db.schema
      .createIndex('post_rows_listed')
      .on('post_rows')
      .columns(['subject', 'kind', 'made_at', 'row_number', 'row_id'])
      .where(sql.ref('counts'), '=', sql.lit(1))
      .execute();
    await db.schema
      .createIndex('post_rows_person')
      .on('post_rows')
      .columns(['subject', 'person', 'made_at', 'row_number', 'row_id'])
      .where(sql.ref('person'), 'is not', null)
      .execute();
  },
};
