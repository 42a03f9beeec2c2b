import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/** The models of metasmoke, the one kind of source before this migration, with their roles. */
const roles = [
  ['posts', 'report'],
  ['feedbacks', 'vote'],
  ['flag_logs', 'flag'],
  ['deletion_logs', 'deletion'],
  ['post_comments', 'comment'],
  ['review_items', 'review_item'],
  ['review_results', 'review'],
  ['smoke_detectors', 'detector'],
  ['statistics', 'statistic'],
] as const;

/** Returns the role of the model that a column names. */
function roleIn(column: 'model' | 'role') {
  const cases = roles.map(([model, role]) => sql`when ${sql.lit(model)} then ${sql.lit(role)}`);
  return sql`case ${sql.ref(column)} ${sql.join(cases, sql` `)} end`;
}

/**
 * Adds the roles of events, so that no query names a model of a source; a row of a post is known by its role.
 * `tables.ts` documents the columns.
 */
export const rolesMigration: Migration = {
  name: '0015-roles',
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('events').addColumn('role', 'text').execute();
    await sql`update events set role = ${roleIn('model')}`.execute(db);
    // SQLite uses a partial index only if a query has its condition literally, so these are two.
    for (const role of ['report', 'review_item'])
      await db.schema
        .createIndex(`events_${role}`)
        .on('events')
        .column('row_id')
        .where(sql.ref('role'), '=', sql.lit(role))
        .execute();
    await db.schema.dropIndex('events_statistics').execute();
    await db.schema
      .createIndex('events_statistics')
      .on('events')
      .column('id')
      .where(sql.ref('role'), '=', sql.lit('statistic'))
      .execute();
    await db.schema.alterTable('post_rows').renameColumn('model', 'role').execute();
    await sql`update post_rows set role = ${roleIn('role')}`.execute(db);
  },
};
