import { type Kysely, sql } from 'kysely';
import { isPostgres, type Migration } from './migration.ts';

/** The beginning of the reason of a delivery that was left out, before its subject had a column. */
const leftOut = 'the same post was reported as ';

/** Returns a link without its protocol. */
function withoutProtocol(link: ReturnType<typeof sql>) {
  return sql`case when ${link} like 'https://%' then substr(${link}, 7)
    when ${link} like 'http://%' then substr(${link}, 6) else ${link} end`;
}

/**
 * Adds the links of reported posts, by which several reports of one post are found, and the report that a room has
 * instead of one that was left out. `tables.ts` documents the columns.
 */
export const postLinksMigration: Migration = {
  name: '0018-post-links',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('post_links')
      .addColumn('subject', 'text', (c) => c.primaryKey())
      .addColumn('link', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('post_links_link').on('post_links').columns(['link', 'subject']).execute();
    const link = sql`json_extract(object, '$.link')`;
    // PostgreSQL came later than this migration, so a database there has no rows yet.
    if (!isPostgres(db))
      await sql`insert into post_links (subject, link)
      select subject, ${withoutProtocol(link)} from events where id in (
        select max(id) from events where role = 'report' and origin <> 'derived' and row_id is not null
        and json_type(object, '$.link') = 'text' and ${link} <> '' group by subject)`.execute(db);

    await db.schema.alterTable('deliveries').addColumn('left_out_for', 'text').execute();
    await db.schema
      .createIndex('deliveries_left_out')
      .on('deliveries')
      .columns(['subject', 'room_id'])
      .where(sql.ref('left_out_for'), 'is not', null)
      .execute();
    await db.schema
      .createIndex('deliveries_left_out_for')
      .on('deliveries')
      .column('left_out_for')
      .where(sql.ref('left_out_for'), 'is not', null)
      .execute();
    const named = sql`substr(reason, ${sql.lit(leftOut.length + 1)})`;
    if (!isPostgres(db))
      await sql`update deliveries set left_out_for = substr(${named}, 1, instr(${named}, ' ') - 1)
      where state = 'cancelled' and reason like ${sql.lit(`${leftOut}%`)}`.execute(db);
    await sql`update deliveries set link = ${withoutProtocol(sql.ref('link'))} where link like 'http%'`.execute(db);
  },
};
