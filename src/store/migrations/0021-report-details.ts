import { type Kysely, sql } from 'kysely';
import { isPostgres, type Migration } from './migration.ts';

/** Number of reports whose authors are stored at once. */
const BATCH = 500;

/**
 * Adds what a report shows about its post beyond its row: the details for which it waits, its domains, when its flags
 * were read, and the other reports of its author. `tables.ts` documents the columns.
 */
export const reportDetailsMigration: Migration = {
  name: '0021-report-details',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createIndex('deliveries_awaiting_details')
      .on('deliveries')
      .column('subject')
      .where(sql.ref('reason'), '=', sql.lit('awaits details'))
      .execute();
    await db.schema.alterTable('post_details').addColumn('domains', 'text').execute();
    await db.schema.alterTable('post_details').addColumn('flags_at', 'bigint').execute();
    await db.schema
      .createTable('post_authors')
      .addColumn('subject', 'text', (c) => c.primaryKey())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('post_number', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('post_authors_author').on('post_authors').columns(['author', 'post_number']).execute();
    // PostgreSQL came later than this migration, so a database there has no rows yet.
    if (!isPostgres(db)) await storeAuthors(db);
  },
};

async function storeAuthors(db: Kysely<never>): Promise<void> {
  for (let after = ''; ; ) {
    const { rows } = await sql<{ subject: string; link: string }>`
      select subject, json_extract(object, '$.user_link') as link from events where id in (
        select max(id) from events where role = 'report' and origin <> 'derived' and subject > ${after}
        and json_type(object, '$.user_link') = 'text' group by subject order by subject limit ${BATCH})
      order by subject`.execute(db);
    for (const { subject, link } of rows) {
      const [, number] = /^post:(\d{1,15})$/.exec(subject) ?? [];
      const [, host, id] = /^(?:https?:)?\/\/([a-z\d.-]+)\/u(?:sers)?\/(-?\d{1,18})(?:[/?#]|$)/i.exec(link) ?? [];
      if (number === undefined || host === undefined || id === undefined) continue;
      await sql`insert into post_authors (subject, author, post_number)
        values (${subject}, ${`${host.toLowerCase()}/users/${id}`}, ${Number(number)})`.execute(db);
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.subject;
  }
}
