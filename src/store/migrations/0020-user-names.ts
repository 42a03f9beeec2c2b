import { type Kysely, sql } from 'kysely';
import { isPostgres, type Migration } from './migration.ts';

/** Adds the names of users by their ids, with those that the stored events told, and the deliveries that wait for the API. `tables.ts` documents the columns. */
export const userNamesMigration: Migration = {
  name: '0020-user-names',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('user_names')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text')
      .execute();
    await db.schema
      .createIndex('deliveries_awaiting_answer')
      .on('deliveries')
      .column('subject')
      .where(sql.ref('reason'), '=', sql.lit('awaits answer'))
      .execute();
    const userId = sql`cast(json_extract(object, '$.user_id') as text)`;
    // PostgreSQL came later than this migration, so a database there has no rows yet.
    if (!isPostgres(db))
      await sql`insert into user_names (id, name)
      select ${userId}, json_extract(object, '$.user_name') from events where id in (
        select max(id) from events where role = 'vote' and json_type(object, '$.user_name') = 'text'
        and json_type(object, '$.user_id') = 'integer' group by ${userId})`.execute(db);
  },
};
