import { type Kysely, sql } from 'kysely';
import { isPostgres, type Migration } from './migration.ts';

/** Number of events that are rewritten at once. */
const BATCH = 500;

/** The columns that held long texts at this migration. */
const longTexts = ['body', 'markdown', 'why', 'comment', 'error_message'];

/**
 * Stores what queries ask of an event's row in columns of their own, and its long texts apart, so that no query looks
 * into the JSON. `tables.ts` documents the columns.
 */
export const eventColumnsMigration: Migration = {
  name: '0030-event-columns',
  async up(db: Kysely<never>): Promise<void> {
    for (const name of ['texts', 'text_names', 'review_item', 'user_name'])
      await db.schema.alterTable('events').addColumn(name, 'text').execute();
    for (const name of ['row_number', 'made_at', 'detector', 'quota', 'user_id'])
      await db.schema.alterTable('events').addColumn(name, 'bigint').execute();
    // PostgreSQL came with this migration, so a database there has no rows yet.
    if (!isPostgres(db)) await fillColumns(db);
  },
};

interface Row {
  readonly id: number;
  readonly row_id: string | null;
  readonly object: string;
}

async function fillColumns(db: Kysely<never>): Promise<void> {
  for (let after = 0; ; ) {
    const { rows } = await sql<Row>`
      select id, row_id, object from events where id > ${after} order by id limit ${BATCH}`.execute(db);
    for (const row of rows) await fill(db, row);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

async function fill(db: Kysely<never>, { id, row_id: rowId, object: stored }: Row): Promise<void> {
  const row = parse(stored);
  if (row === null) return;
  const names = longTexts.filter((name) => Object.hasOwn(row, name));
  const some = (isApart: boolean) =>
    JSON.stringify(Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name) === isApart)));
  const object = names.length === 0 ? stored : some(false);
  const texts = names.length === 0 ? null : some(true);
  const { review_item_id: item, user_name: name } = row;
  const made = typeof row.created_at === 'string' ? Date.parse(row.created_at) : Number.NaN;
  await sql`update events set object = ${object}, texts = ${texts},
    text_names = ${names.length === 0 ? null : names.join(' ')},
    review_item = ${typeof item === 'number' || typeof item === 'string' ? String(item) : null},
    user_name = ${typeof name === 'string' ? name : null},
    row_number = ${rowId !== null && /^\d{1,15}$/.test(rowId) ? Number(rowId) : null},
    made_at = ${Number.isNaN(made) ? null : made},
    detector = ${whole(row.smoke_detector_id)}, quota = ${whole(row.api_quota)}, user_id = ${whole(row.user_id)}
    where id = ${id}`.execute(db);
}

/** Returns the row of an event; null for one that cannot be read, which stays as it is. */
function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function whole(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}
