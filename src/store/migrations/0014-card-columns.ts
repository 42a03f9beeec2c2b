import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** One column for the facts that were announced of a card, and one for our reactions to it. `tables.ts` says what each column means. */
export const cardColumnsMigration: Migration = {
  name: '0014-card-columns',
  async up(db: Kysely<never>): Promise<void> {
    for (const column of ['announced', 'reactions'])
      await db.schema
        .alterTable('cards')
        .addColumn(column, 'text', (c) => c.notNull().defaultTo('[]'))
        .execute();
    // `told` listed facts as texts and reactions as objects. PostgreSQL came later than this step: no database there holds anything yet.
    if (!(db.getExecutor().adapter instanceof PostgresAdapter))
      await sql`
        update cards set
          announced = (select json_group_array(value) from json_each(told) where type = 'text'),
          reactions = (select json_group_array(json(value)) from json_each(told) where type = 'object')
        where told <> '[]'`.execute(db);
    await db.schema.alterTable('cards').dropColumn('told').execute();
  },
};
