import { existsSync, rmSync, statSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { lockStore } from '../lock.ts';
import type { SchemaChange } from '../migrations.ts';
import { openHeld } from '../open-place.ts';
import { openStore } from '../open-store.ts';
import { openSqlite } from '../sqlite-dialect.ts';
import { LeftoverWalError, StoreError } from '../store-errors.ts';
import { byName, type Column, isMoved, type Row, type Shape, type Source, type Target } from './side.ts';

/** Bounds of a batch: rows, and characters of text. */
const MOST_ROWS = 1_000;
const MOST_CHARACTERS = 1_000_000;
/** Time to wait for the transaction of a command on the same file, ms. */
const PATIENCE_MS = 10_000;

/** Opens a file that no other process works on, updates its schema, and refuses the writes of commands until the end. */
export async function openSqliteSource(file: string): Promise<Source & { readonly schema: SchemaChange }> {
  const held = await openHeld({ kind: 'sqlite', file });
  try {
    const database = openSqlite(file);
    database.exec(`pragma busy_timeout = ${PATIENCE_MS}; begin immediate`);
    return {
      schema: held.schema,
      shapes: shapesOf(database),
      rows: (shape) => rowsOf(database, shape),
      count: async ({ name }) => Number(database.prepare(`select count(*) as n from "${name}"`).get()?.n),
      lastIds: async () => lastIdsOf(database),
      async close() {
        database.close();
        await held.close();
      },
    };
  } catch (err) {
    await held.close();
    throw err;
  }
}

/**
 * Makes a new file. It is written under another name, which the next move removes, and gets its own when it is kept: an
 * interruption leaves no half of a database.
 */
export async function openSqliteTarget(file: string): Promise<Target> {
  if (existsSync(file)) throw new StoreError(`${file} is there already: name a new file, or move it away`);
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) throw new LeftoverWalError(file);
  if (!existsSync(dirname(file)))
    throw new StoreError(`the folder of ${file} is not there: make it: mkdir -p ${dirname(file)}`);
  const lock = lockStore(file);
  const part = `${file}.part`;
  const remove = () => {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${part}${end}`, { force: true });
  };
  try {
    remove();
    await (await openStore(part)).close();
    const database = openSqlite(part);
    // A part that is not complete is removed as a whole, so its journal may be lost. It has the few pages that were there before:
    // a write-ahead log would hold everything.
    database.exec(
      'pragma journal_mode = memory; pragma synchronous = off; pragma cache_size = -131072; begin immediate',
    );
    return {
      shapes: shapesOf(database),
      rows: (shape) => rowsOf(database, shape),
      write: (shape, rows) => insert(database, shape, rows),
      complete: async (lastIds) => setLastIds(database, lastIds),
      async keep() {
        database.exec('commit; pragma journal_mode = wal');
        database.close();
        await flush(part);
        await rename(part, file);
        await flush(dirname(file));
      },
      async close() {
        if (database.isOpen) database.close();
        remove();
        lock.release();
      },
    };
  } catch (err) {
    remove();
    lock.release();
    throw err;
  }
}

function shapesOf(database: DatabaseSync): readonly Shape[] {
  const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
  return tables
    .map(({ name }) => String(name))
    .filter(isMoved)
    .map((name) => ({
      name,
      columns: database.prepare('select name, type from pragma_table_info(?)').all(name).map(columnOf).toSorted(byName),
      needs: [
        ...new Set(
          database
            .prepare('select "table" as needed from pragma_foreign_key_list(?)')
            .all(name)
            .map(({ needed }) => String(needed)),
        ),
      ],
    }))
    .toSorted(byName);
}

function columnOf({ name, type }: Readonly<Record<string, unknown>>): Column {
  const kind = /^(?:integer|bigint)$/i.test(String(type)) ? 'number' : 'text';
  return { name: String(name), kind };
}

const named = ({ columns }: Shape) => columns.map(({ name }) => `"${name}"`).join(', ');

async function* rowsOf(database: DatabaseSync, shape: Shape): AsyncIterable<readonly Row[]> {
  const statement = database.prepare(`select ${named(shape)} from "${shape.name}"`);
  statement.setReturnArrays(true);
  let batch: Row[] = [];
  let characters = 0;
  for (const each of statement.iterate()) {
    const row = each as unknown as Row;
    batch.push(row);
    for (const value of row) if (typeof value === 'string') characters += value.length;
    if (batch.length < MOST_ROWS && characters < MOST_CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

async function insert(database: DatabaseSync, shape: Shape, rows: AsyncIterable<readonly Row[]>): Promise<void> {
  const values = shape.columns.map(() => '?').join(', ');
  const statement = database.prepare(`insert into "${shape.name}" (${named(shape)}) values (${values})`);
  for await (const batch of rows) for (const row of batch) statement.run(...row);
}

/** Only tables whose ids are never used again have a row in `sqlite_sequence`. https://www.sqlite.org/autoinc.html */
function lastIdsOf(database: DatabaseSync): ReadonlyMap<string, number> {
  const rows = database.prepare('select name, seq from sqlite_sequence').all();
  return new Map(rows.map(({ name, seq }) => [String(name), Number(seq)] as const).filter(([name]) => isMoved(name)));
}

function setLastIds(database: DatabaseSync, lastIds: ReadonlyMap<string, number>): void {
  const reached = lastIdsOf(database);
  for (const [name, id] of lastIds) {
    database.prepare('delete from sqlite_sequence where name = ?').run(name);
    database
      .prepare('insert into sqlite_sequence (name, seq) values (?, ?)')
      .run(name, Math.max(id, reached.get(name) ?? 0));
  }
}

/** Makes sure that a file, or the names in a folder, are on the disk. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync();
  await handle.close();
}
