import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backUpStore } from '../../src/store/backup-store.ts';
import { objectOfColumns } from '../../src/store/event-columns.ts';
import { migrations } from '../../src/store/migrations.ts';
import { openStore } from '../../src/store/open-store.ts';

const dump = readFileSync(fileURLToPath(new URL('first-release.sql', import.meta.url)), 'utf8');
/** Columns that a later version has no use for. */
const dropped: ReadonlySet<string> = new Set(['rooms.owner', 'rooms.lease_until', 'messages.must_redraw']);
const tables = ['events', 'rooms', 'messages', 'deliveries', 'sends'] as const;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-first-'));
  file = join(folder, 'lookout.db');
  const database = new DatabaseSync(file);
  database.exec(dump);
  database.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Returns the rows of each table of the first version. */
function rowsOf(path: string): Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = tables.map(
    (table) => [table, database.prepare(`select * from ${table} order by id`).all().map(withObject)] as const,
  );
  database.close();
  return Object.fromEntries(rows);
}

/** Reads what an event said, whose long texts are in a column of their own by now. */
function withObject(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { object, texts } = row;
  return typeof object === 'string'
    ? { ...row, object: objectOfColumns({ object, texts: typeof texts === 'string' ? texts : null }) }
    : row;
}

function namesIn(path: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare('select name from kysely_migration order by name').all();
  database.close();
  return rows.map(({ name }) => String(name));
}

describe('a database of the first version', () => {
  it('is brought up to date with every row and value kept', async () => {
    const before = rowsOf(file);
    expect(before.deliveries?.map(({ state }) => state)).toContain('waiting');
    const { close } = await openStore(file);
    await close();
    expect(namesIn(file)).toEqual(migrations.map(({ name }) => name));
    const after = rowsOf(file);
    for (const table of tables) {
      expect(before[table]).not.toEqual([]);
      expect(after[table]).toHaveLength(before[table]?.length ?? 0);
      for (const [at, row] of (before[table] ?? []).entries()) {
        const kept = Object.entries(row).filter(([column]) => !dropped.has(`${table}.${column}`));
        expect(after[table]?.[at]).toMatchObject(Object.fromEntries(kept));
      }
    }
    // Each room belongs to the account without a name.
    expect(after.rooms?.map(({ account }) => account)).toEqual(before.rooms?.map(({ platform }) => platform));
  });

  it('can be copied before that by the new version, which changes nothing in it', () => {
    const copy = join(folder, 'copy.db');
    expect(backUpStore(file, copy)).toBe(statSync(copy).size);
    expect(rowsOf(copy)).toEqual(rowsOf(file));
    expect(namesIn(copy)).toEqual(['0001-outbox']);
    expect(namesIn(file)).toEqual(['0001-outbox']);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
  });

  it('is copied while it is written, as it is at one instant', async () => {
    const store = await openStore(file);
    const copy = join(folder, 'copy.db');
    await store.db.transaction().execute(async (writing) => {
      await writing.updateTable('deliveries').set({ state: 'dead' }).execute();
      backUpStore(file, copy);
    });
    await store.close();
    expect(rowsOf(copy).deliveries?.map(({ state }) => state)).toContain('waiting');
    expect(new Set(rowsOf(file).deliveries?.map(({ state }) => state))).toEqual(new Set(['dead']));
    const restored = await openStore(copy);
    await restored.close();
  });
});

describe('a copy that cannot be made', () => {
  it('says what is in the way, and leaves nothing behind', () => {
    const copy = join(folder, 'copy.db');
    writeFileSync(copy, 'something else');
    expect(() => backUpStore(file, copy)).toThrow(/copy\.db is there already: name a new file, or remove it/);
    expect(readFileSync(copy, 'utf8')).toBe('something else');
    expect(() => backUpStore(file, join(folder, 'no', 'copy.db'))).toThrow(/is not there: make it: mkdir -p/);
    expect(() => backUpStore(join(folder, 'none.db'), join(folder, 'new.db'))).toThrow(/does not exist yet/);
    writeFileSync(file, 'this is not a database'.repeat(1_000));
    expect(() => backUpStore(file, join(folder, 'new.db'))).toThrow(/is damaged, or is not a database/);
    for (const name of ['new.db', 'new.db.part']) expect(existsSync(join(folder, name))).toBe(false);
  });
});
