import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../../src/store/open-store.ts';

/** Rows of each table. */
const ROWS = 3;

/** Texts that break what is careless with them. The NUL is what PostgreSQL refuses, and half a surrogate pair is in no UTF-8. */
const hostile = [
  'a NUL \0, half a pair \ud83d, \u202e turned round, a tab \t, \\N \\. \\',
  `${'long '.repeat(2_000)}\r\n\\.\n`,
  '{"title":"\\u0000 \\ud800"}',
];

/**
 * Makes a database in which every table has rows with hostile texts, whatever tables and columns there are. The n-th row of
 * each table has n in each number and the n-th text in each text, so that references between tables hold.
 */
export async function makeFullStore(file: string): Promise<void> {
  await (await openStore(file)).close();
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  for (const table of tablesIn(database)) {
    const columns = database.prepare('select name, type from pragma_table_info(?) order by name').all(table);
    const names = columns.map(({ name }) => `"${String(name)}"`).join(', ');
    const insert = database.prepare(`insert into "${table}" (${names}) values (${columns.map(() => '?').join(', ')})`);
    for (let row = 0; row < ROWS; row += 1)
      insert.run(...columns.map(({ type }) => (type === 'text' ? hostile[row]! : row + 1)));
  }
  // Rows with the highest ids were deleted since.
  database.exec("update sqlite_sequence set seq = 70 where name = 'events'");
  // Nothing, which is not the same as an empty text.
  database.exec("update events set failure = null, role = '' where id = 2");
  database.close();
}

/** Names the tables that every store has, in whichever database it is. */
export function tablesIn(database: DatabaseSync): readonly string[] {
  const rows = database.prepare("select name from sqlite_master where type = 'table' order by name").all();
  const own = ['run_lock', 'sqlite_sequence', 'kysely_migration', 'kysely_migration_lock'];
  return rows.map(({ name }) => String(name)).filter((name) => !own.includes(name));
}

/** Returns all rows of a file, and the last ids, in an order that does not depend on how they came there. */
export function contentsOf(file: string): Readonly<Record<string, readonly string[]>> {
  const database = new DatabaseSync(file);
  const contents = [...tablesIn(database), 'sqlite_sequence'].map((table) => {
    const columns = database.prepare('select name from pragma_table_info(?) order by name').all(table);
    const names = columns.map(({ name }) => `"${String(name)}"`).join(', ');
    const rows = database.prepare(`select ${names} from "${table}"`).all();
    return [table, rows.map((row) => JSON.stringify(row)).sort()] as const;
  });
  database.close();
  return Object.fromEntries(contents);
}
