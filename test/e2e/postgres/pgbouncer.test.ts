import { afterEach, beforeEach, expect, it } from 'vitest';
import { connect } from '../../../src/store/postgres/connection.ts';
import { isConnectionLost, postgresRemedy, reasonOf } from '../../../src/store/postgres/errors.ts';
import type { Lease } from '../../../src/store/postgres/lease.ts';
import { openPostgres } from '../../../src/store/postgres/open-postgres.ts';
import { takeLease } from '../../../src/store/postgres/take-lease.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { onServer, testServer } from '../../support/postgres/on-server.ts';
import { type PgBouncer, type PoolMode, startPgBouncer } from '../../support/postgres/pgbouncer.ts';

let made = 0;
let database = '';
let bouncer: PgBouncer | null = null;
const ended: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  database = `pooled_${process.pid}_${made++}`;
  await onServer(`create database ${database} template template_lookout`);
});
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
  await bouncer?.stop();
  bouncer = null;
  await onServer(`drop database ${database} with (force)`);
});

async function behind(mode: PoolMode, settings: readonly string[] = []) {
  bouncer = await startPgBouncer(testServer.port, mode, settings);
  return bouncer.address(database);
}

it.each([
  ['its defaults', []],
  ['a single connection', ['default_pool_size = 1']],
  ['connections in turn', ['server_round_robin = 1', 'min_pool_size = 4']],
] as const)(
  'PgBouncer that pools transactions, with %s, is refused with what to write instead',
  async (_, settings) => {
    const address = await behind('transaction', settings);
    const error = await takeLease({ address, clock: systemClock }).catch((err: unknown) => err);
    expect(String(error)).toMatch(
      /^StoreUnreadableError: postgres:\/\/lookout@127\.0\.0\.1:\d+\/\w+ cannot be opened \(a connection pool such as PgBouncer is in between, and pools transactions: process \d+ of the server answered .*\): name the server's own host and port in the URL .*`pool_mode=session pool_size=20`.*; nothing was changed$/,
    );
  },
);

it('PgBouncer that pools transactions is recognized while other clients use the pool', async () => {
  const address = await behind('transaction', ['server_round_robin = 1', 'default_pool_size = 5']);
  const { default: pg } = await import('pg');
  const others = Array.from({ length: 8 }, () => new pg.Client({ ...address, password: '', ssl: false }));
  for (const other of others) {
    await other.connect();
    ended.push(() => other.end());
  }
  let isOver = false;
  const busy = Promise.all(
    others.map(async (other) => {
      while (!isOver) await other.query('select pg_sleep(0.001)');
    }),
  );
  for (let attempt = 0; attempt < 10; attempt++)
    await expect(connect(address, 'test')).rejects.toMatchObject({
      cause: { message: expect.stringContaining('a connection pool such as PgBouncer is in between') },
    });
  isOver = true;
  await busy;
});

it('PgBouncer that pools sessions is as good as the server itself', async () => {
  const address = await behind('session');
  const lease = await takeLease({ address, clock: systemClock });
  if ('heldBy' in lease) throw new Error('the lease is held');
  ended.push(() => lease.release());
  const store = await openPostgres({ ...patience, address, purpose: 'test', begin: (lease satisfies Lease).begin });
  ended.push(() => store.close());
  for (let id = 1; id <= 20; id++)
    await store.db
      .insertInto('greetings')
      .values({ address: `a${id}`, at: id })
      .execute();
  expect(await store.db.selectFrom('greetings').select('at').execute()).toHaveLength(20);
  const connection = await connect(address, 'test');
  ended.push(() => connection.end());
  const { rows } = await connection.query('show idle_in_transaction_session_timeout');
  expect(rows).toEqual([{ idle_in_transaction_session_timeout: '3s' }]);
});

it('PgBouncer that has one session for all is refused, and the server is not said to be away', async () => {
  const address = await behind('session', ['default_pool_size = 1']);
  const error = await connect(address, 'test', { answerMs: 1_000, idleInTransactionMs: 0 }).catch(
    (err: unknown) => err,
  );
  expect(reasonOf(error)).toContain('has no second connection for this process, which needs several');
  expect(isConnectionLost(error)).toBe(false);
  expect(postgresRemedy(error)).toContain('`pool_mode=session pool_size=20`');
});

it('a server without a pool is asked by no second connection', async () => {
  const connection = await connect({ ...testServer, database }, 'only one');
  const { rows } = await connection.query(
    `select count(*) as n from pg_stat_activity where datname = current_database()`,
  );
  expect(rows).toEqual([{ n: 1 }]);
  await connection.end();
});

const patience = { clock: systemClock, hurry: new AbortController().signal, watch: null };
