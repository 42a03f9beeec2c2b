import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Adds an index that finds the first of a subject's waiting deliveries, however many wait. */
export const subjectOrderMigration: Migration = {
  name: '0002-subject-order',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('deliveries').addColumn('order_at', 'bigint').execute();
    await db.schema
      .alterTable('deliveries')
      .addColumn('order_rank', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    // PostgreSQL came later than this migration, so a database there has no rows yet.
    if (!(db.getExecutor().adapter instanceof PostgresAdapter))
      await sql`
        update deliveries set
          order_at = case when e.type = 'destroy' then null
            else coalesce(cast(round(unixepoch(e.updated_at, 'subsec') * 1000) as integer), e.received_at) end,
          order_rank = case e.type when 'create' then 0 when 'update' then 1 else 2 end
        from events as e
        where e.id = deliveries.event_id and deliveries.state in ('waiting', 'planned', 'dead')`.execute(db);
    await db.schema.dropIndex('deliveries_waiting_subject').execute();
    for (const [name, columns] of [
      ['deliveries_waiting_arrival', ['room_id', 'subject', 'event_id']],
      ['deliveries_waiting_order', ['room_id', 'subject', 'order_at', 'order_rank', 'event_id']],
    ] as const)
      await db.schema
        .createIndex(name)
        .on('deliveries')
        .columns([...columns])
        .where(sql.ref('state'), '=', sql.lit('waiting'))
        .execute();
  },
};
