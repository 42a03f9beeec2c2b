import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Splits the facts that were announced from our reactions on a card, each in a column of its own. `tables.ts` documents the columns. */
export const cardColumnsMigration: Migration = {
  name: '0014-card-columns',
  async up(db: Kysely<never>): Promise<void> {
    for (const column of ['announced', 'reactions'])
      await db.schema
        .alterTable('cards')
        .addColumn(column, 'text', (c) => c.notNull().defaultTo('[]'))
        .execute();
    // `told` listed facts as texts and reactions as objects. PostgreSQL came later than this migration, so a database there has no rows yet.
    if (!(db.getExecutor().adapter instanceof PostgresAdapter))
      await sql`
        update cards set
          announced = (select json_group_array(value) from json_each(told) where type = 'text'),
          reactions = (select json_group_array(json(value)) from json_each(told) where type = 'object')
        where told <> '[]'`.execute(db);
    await db.schema.alterTable('cards').dropColumn('told').execute();
  },
};
