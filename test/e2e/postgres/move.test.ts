import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { connect } from '../../../src/store/postgres/connection.ts';
import { takeLease } from '../../../src/store/postgres/take-lease.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { startChild } from '../../support/child.ts';
import { contentsOf, makeFullStore, tablesIn } from '../../support/full-store.ts';

const program = fileURLToPath(new URL('../../../src/lookout.js', import.meta.url));
const port = inject('postgresPort');
const addressOf = (database: string) =>
  ({ host: '127.0.0.1', port, user: 'lookout', database, password: null, ssl: false }) as const;
const urlOf = (database: string) => `postgres://lookout@127.0.0.1:${port}/${database}`;

let folder: string;
let databases: string[];
let made = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-migrate-'));
  databases = [];
});

afterEach(async () => {
  for (const database of databases) await run('postgres', `drop database ${database} with (force)`);
  rmSync(folder, { recursive: true });
});

async function run(database: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const connection = await connect(addressOf(database), 'test');
  try {
    return (await connection.query(sql)).rows;
  } finally {
    await connection.end();
  }
}

/** Makes a database, empty or with our tables. */
async function makeDatabase(template: 'template1' | 'template_lookout' = 'template1'): Promise<string> {
  const database = `move_${process.pid}_${made++}`;
  await run('postgres', `create database ${database} template ${template}`);
  databases.push(database);
  return database;
}

function migrate(from: string, to: string, ...more: readonly string[]) {
  return startChild(process.execPath, [program, 'migrate', '--from', from, '--to', to, ...more], { cwd: folder });
}

/** Runs it to its end, and returns its lines. */
async function migrated(from: string, to: string): Promise<string> {
  const child = migrate(from, to);
  expect({ ...(await child.exited), said: child.lines }).toMatchObject({ code: 0 });
  return child.lines.join('\n');
}

async function refused(from: string, to: string): Promise<string> {
  const child = migrate(from, to);
  expect(await child.exited).toEqual({ code: 1, signal: null });
  return child.lines.join('\n');
}

/** Returns the number of rows of all tables that are moved. */
async function rowsIn(database: string): Promise<number> {
  const file = new DatabaseSync(join(folder, 'old.db'));
  const counts = tablesIn(file).map((table) => `(select count(*) from "${table}")`);
  file.close();
  return Number((await run(database, `select ${counts.join(' + ')} as rows`))[0]?.rows);
}

/** Describes all indexes and constraints. */
const schemaOf = (database: string) =>
  run(
    database,
    `select indexname as name, indexdef as definition from pg_indexes where schemaname = 'public' and tablename <> 'leases'
     union all select conname, pg_get_constraintdef(oid) from pg_constraint
       where connamespace = 'public'::regnamespace and conrelid <> 'leases'::regclass order by 1, 2`,
  );

it('moves every table to a server, to another database there, and back again', async () => {
  await makeFullStore(join(folder, 'old.db'));
  const [one, other] = [await makeDatabase(), await makeDatabase()];
  const said = await migrated('sqlite:old.db', urlOf(one));
  expect(said).toMatch(/moved \d+ rows of \d+ tables from .*old\.db to postgres:/);
  expect(said).toContain(`  store: ${urlOf(one)}\n`);
  await migrated(urlOf(one), urlOf(other));
  await migrated(urlOf(other), 'sqlite:back.db');
  const old = contentsOf(join(folder, 'old.db'));
  expect(Object.values(old).every((rows) => rows.length >= 3)).toBe(true);
  const withoutNul = JSON.parse(JSON.stringify(old).replaceAll('a NUL \\\\u0000', 'a NUL \ufffd')) as typeof old;
  expect(contentsOf(join(folder, 'back.db'))).toEqual(withoutNul);
});

it('leaves indexes, foreign keys and the next ids as the migrations make them', async () => {
  await makeFullStore(join(folder, 'old.db'));
  const database = await makeDatabase('template_lookout');
  // The lease is made by the first process that works on a database.
  const lease = await takeLease({ address: addressOf(database), clock: systemClock });
  if ('heldBy' in lease) throw new Error('the lease is taken');
  await lease.release();
  const before = await schemaOf(database);
  await migrated('sqlite:old.db', urlOf(database));
  expect(before.length).toBeGreaterThan(80);
  expect(await schemaOf(database)).toEqual(before);
  const rows = await run(
    database,
    "select nextval('events_id_seq') as event, nextval('rooms_id_seq') as room, version from command_changes",
  );
  expect(rows).toEqual([{ event: 71, room: 4, version: 0 }]);
});

it('leaves nothing of a move that was killed, and the next one moves everything', { timeout: 120_000 }, async () => {
  await makeFullStore(join(folder, 'old.db'));
  const file = new DatabaseSync(join(folder, 'old.db'));
  file.exec(
    `insert into events (source, model, class, type, subject, received_at, origin, object, state)
     with recursive n (i) as (select 1 union all select i + 1 from n where i < 30000)
     select 'metasmoke', 'posts', 'Post', 'create', 'post:' || i, i, 'live', printf('%.2000c', 'x'), 'routed' from n`,
  );
  file.close();
  const database = await makeDatabase('template_lookout');
  const child = migrate('sqlite:old.db', urlOf(database));
  await child.waitForLine((line) => / % copied/.test(line), 'the first rows');
  expect(await child.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  expect(await rowsIn(database)).toBe(0);
  await migrated('sqlite:old.db', urlOf(database));
  expect(await rowsIn(database)).toBeGreaterThan(30_000);
});

it('keeps nothing of rows that are not read back as they were written', async () => {
  await makeFullStore(join(folder, 'old.db'));
  const database = await makeDatabase('template_lookout');
  await run(
    database,
    `create function spoil() returns trigger language plpgsql as $$ begin new.name := 'another'; return new; end $$;
     create trigger spoil before insert on people for each row execute function spoil()`,
  );
  const said = await refused('sqlite:old.db', urlOf(database));
  expect(said).toContain('does not hold what was written to it (people: a row differs): nothing of it was kept');
  expect(await rowsIn(database)).toBe(0);
});

it('says which text a server cannot hold', async () => {
  await makeFullStore(join(folder, 'old.db'));
  const file = new DatabaseSync(join(folder, 'old.db'));
  // Longer than an entry of an index may be, and not to be compressed.
  const link = randomBytes(4_000).toString('hex');
  file.prepare("insert into post_links (subject, link) values ('post:1', ?)").run(link);
  file.close();
  const database = await makeDatabase('template_lookout');
  expect(await refused('sqlite:old.db', urlOf(database))).toMatch(
    /does not take a row \(index row size .* "post_links_link"\): nothing of it was kept/,
  );
  expect(await rowsIn(database)).toBe(0);
});

it('refuses a database that has data, or on which another process works', async () => {
  await makeFullStore(join(folder, 'old.db'));
  const database = await makeDatabase('template_lookout');
  const lease = await takeLease({ address: addressOf(database), clock: systemClock });
  if ('heldBy' in lease) throw new Error('the lease is taken');
  expect(await refused('sqlite:old.db', urlOf(database))).toMatch(
    /is in use by \S+:\d+: stop it first, and all others on this store$/m,
  );
  expect(await refused(urlOf(database), 'sqlite:new.db')).toMatch(/is in use by \S+:\d+: stop it first/);
  expect(existsSync(join(folder, 'new.db'))).toBe(false);
  await lease.release();
  await run(database, "insert into people (platform, id, name) values ('discord', '1', 'ann')");
  expect(await refused('sqlite:old.db', urlOf(database))).toContain('has data already (in people): name an empty');
});

it('ends at Ctrl-C, with nothing moved', async () => {
  await makeFullStore(join(folder, 'old.db'));
  const database = await makeDatabase('template_lookout');
  const blocker = await connect(addressOf(database), 'test');
  await blocker.queries('begin; lock table sites in share mode');
  const child = migrate('sqlite:old.db', urlOf(database));
  await child.waitForLine((line) => / % copied/.test(line), 'the first rows');
  expect(await child.end('SIGINT')).toEqual({ code: 1, signal: null });
  expect(child.lines.at(-1)).toMatch(
    /^stopped: postgres:.* has nothing of it, and .*old\.db everything; the same command/,
  );
  await blocker.end();
  expect(await rowsIn(database)).toBe(0);
});

it('says in a line what is wrong with its options', async () => {
  writeFileSync(join(folder, 'old.db'), '');
  const said = async (...options: readonly string[]) => {
    const child = startChild(process.execPath, [program, 'migrate', ...options], { cwd: folder });
    expect((await child.exited).code).toBe(2);
    return child.lines[0];
  };
  expect(await said('--from', 'old.db', '--to', urlOf('x'))).toBe(
    '--from old.db: write sqlite:old.db, or postgres://user@server/database',
  );
  expect(await said('--from', 'sqlite:odl.db', '--to', urlOf('x'))).toMatch(/^--from: odl\.db does not exist/);
  expect(await said('--from', 'sqlite:old.db', '--to', 'sqlite:./old.db')).toMatch(/^--from and --to are both /);
  expect(await said('--from', 'sqlite:old.db', '--to', 'memory')).toMatch(/^--to memory: that store ends/);
  expect(await said('--from', 'sqlite:old.db', '--to', 'postgres://lookout@h')).toMatch(/^--to: the URL names no data/);
});
