import { Kysely, PostgresAdapter, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../../src/store/migrations.ts';
import type { PostgresAddress } from '../../../src/store/postgres/address.ts';
import { beginWith } from '../../../src/store/postgres/commit.ts';
import type { Connection } from '../../../src/store/postgres/connection.ts';
import { postgresDialect } from '../../../src/store/postgres/dialect.ts';
import { postgresTrouble } from '../../../src/store/postgres/errors.ts';
import type { Database } from '../../../src/store/tables.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { startDatabaseProxy } from '../../chaos/database-proxy.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { until } from '../../support/until.ts';

let server: PostgresServer;
let db: Kysely<unknown>;

beforeAll(async () => {
  server = await startPostgres();
  await server.run('create table notes (text text)');
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.run('truncate notes');
  db = open(server.address('postgres'));
});
afterEach(() => db.destroy());

/** Number of transactions that began. */
let begun = 0;

function open(address: PostgresAddress): Kysely<unknown> {
  const begin = (connection: Connection) => {
    begun++;
    return beginWith(connection);
  };
  const options = { clock: systemClock, hurry: new AbortController().signal, watch: null };
  return new Kysely({
    dialect: postgresDialect({ ...options, address, purpose: 'work', begin }),
  });
}

const write = (text: string, on: Kysely<unknown> = db) => sql`insert into notes values (${text})`.execute(on);
const notes = async () => (await server.run('select text from notes')).map((row) => row.text);
const cut = () =>
  server.run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lookout work'");
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

test('writes nothing of a transaction whose connection was lost, and the next one on a new connection', async () => {
  const transaction = db.transaction().execute(async (trx) => {
    await write('first half', trx);
    await cut();
    await write('second half', trx);
  });
  expect(postgresTrouble(await failure(transaction))).toBe('unreachable');
  await write('next');
  expect(await notes()).toEqual(['next']);
});

test('survives a connection that is lost between two statements of a transaction', async () => {
  const transaction = db.transaction().execute(async (trx) => {
    await write('half', trx);
    await cut();
    // Long enough for the end of the connection to arrive.
    await server.run('select pg_sleep(0.05)');
  });
  expect(postgresTrouble(await failure(transaction))).toBe('unreachable');
  await write('next');
  expect(await notes()).toEqual(['next']);
});

test.each(['fast', 'immediate'] as const)('works again after a restart of the server (%s)', async (how) => {
  await write('before');
  await server.restart(how);
  // The connection broke while nothing was asked.
  await write('after');
  expect(await notes()).toEqual(['before', 'after']);
});

test('waits for a server that is restarting', async () => {
  await write('before');
  const restarted = server.restart('fast');
  // The one that meets the end of the connection fails; the one after it waits.
  await until(async () => (await failure(write('meanwhile'))) !== null);
  await write('after');
  await restarted;
  expect(await notes()).toContain('after');
});

test('refuses to commit a transaction in which a failure was overlooked', async () => {
  const transaction = db.transaction().execute(async (trx) => {
    await write('half', trx);
    await failure(sql`select 1 / 0`.execute(trx));
  });
  expect(await failure(transaction)).toMatchObject({ message: 'the transaction was rolled back' });
  await write('next');
  expect(await notes()).toEqual(['next']);
});

describe.concurrent('a statement without an answer', () => {
  test('is given up if the server works on it for too long', async () => {
    const own = open(server.address('postgres'));
    const startedAt = performance.now();
    const error = await failure(sql`select pg_sleep(60)`.execute(own));
    expect(['locked', 'unreachable']).toContain(postgresTrouble(error));
    expect(performance.now() - startedAt).toBeLessThan(50_000);
    await sql`select 1`.execute(own);
    await own.destroy();
  });

  test('is given up if the network is silent, and the connection is replaced', async () => {
    const address = server.address('postgres');
    const proxy = await startDatabaseProxy(address.port);
    const own = open({ ...address, port: proxy.port });
    await sql`select 1`.execute(own);
    proxy.freeze(60_000);
    expect(postgresTrouble(await failure(sql`select 2`.execute(own)))).toBe('unreachable');
    proxy.heal();
    await sql`select 3`.execute(own);
    await own.destroy();
    await proxy.stop();
  });
});

test('stores texts that PostgreSQL or UTF-8 cannot hold, with a replacement', async () => {
  await write('a\0b');
  await write('c\ud800d');
  await write(JSON.stringify({ title: 'e\0f\ud800g' }));
  expect(await notes()).toEqual(['a\ufffdb', 'c\ufffdd', String.raw`{"title":"e\u0000f\ud800g"}`]);
});

describe('migrations', () => {
  const adapter = new PostgresAdapter();
  const lock = {} as Parameters<PostgresAdapter['acquireMigrationLock']>[1];

  test('are waited for outside a transaction: it would have the turn to write meanwhile', async () => {
    begun = 0;
    await adapter.acquireMigrationLock(db, lock);
    await adapter.releaseMigrationLock(db, lock);
    expect(begun).toBe(0);
  });

  test('are not waited for by a start that has none to make', async () => {
    await server.run('create database migrated');
    const [one, other] = [open(server.address('migrated')), open(server.address('migrated'))];
    try {
      await migrate(one as Database, 'migrated');
      await adapter.acquireMigrationLock(other, lock);
      const { before, now } = await migrate(one as Database, 'migrated');
      expect(before).toBe(now);
      await adapter.releaseMigrationLock(other, lock);
    } finally {
      await Promise.all([one.destroy(), other.destroy()]);
    }
  });
});
