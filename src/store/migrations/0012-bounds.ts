import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** What keeps the cost of an event apart from how many came before it. `tables.ts` says what each column means. */
export const boundsMigration: Migration = {
  name: '0012-bounds',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('deliveries').addColumn('link', 'text').execute();
    await db.schema.alterTable('deliveries').addColumn('condition_failed', 'text').execute();
    // PostgreSQL came later than this step: no database there holds anything yet.
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
  },
};
