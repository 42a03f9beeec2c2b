import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { postgresDialect } from '../../../src/store/postgres/dialect.ts';
import type { Lease } from '../../../src/store/postgres/lease.ts';
import { takeLease, waitForLease } from '../../../src/store/postgres/take-lease.ts';
import { type Clock, systemClock } from '../../../src/time/clock.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../../chaos/database-proxy.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { until } from '../../support/until.ts';

let server: PostgresServer;
let made = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function newDatabase(): Promise<string> {
  const name = `lease_${++made}`;
  await server.run(`create database ${name}`);
  await server.run('create table notes (text text)', name);
  return name;
}

async function mustTake(database: string, clock: Clock = systemClock): Promise<Lease> {
  const taken = await takeLease({ address: server.address(database), clock });
  if ('heldBy' in taken) throw new Error(`the lease is held by ${taken.heldBy}`);
  return taken;
}

/** Opens a database on which only the holder of a lease may write. */
function openUnder(database: string, { begin }: Lease): Kysely<unknown> {
  const address = server.address(database);
  const hurry = new AbortController().signal;
  return new Kysely({
    dialect: postgresDialect({ address, purpose: 'work', clock: systemClock, hurry, watch: null, begin }),
  });
}

const notesOf = async (database: string) =>
  (await server.run('select text from notes', database)).map((row) => row.text);
const endIn = (database: string, ms: number) =>
  server.run(`update leases set ends_at = clock_timestamp() + interval '${ms} milliseconds'`, database);

test('of many processes that ask at once one gets the lease', async () => {
  const database = await newDatabase();
  const options = { address: server.address(database), clock: systemClock };
  const answers = await Promise.all(Array.from({ length: 8 }, () => takeLease(options)));
  const leases = answers.filter((answer): answer is Lease => !('heldBy' in answer));
  expect(leases).toHaveLength(1);
  await leases[0]?.release();
});

test('a lease that is given away goes to one of those that stand by', async () => {
  const database = await newDatabase();
  const holder = await mustTake(database);
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const never = new AbortController().signal;
  const options = { address: server.address(database), clock: systemClock, log, isFirst: true };
  const got: Lease[] = [];
  const waiting = [1, 2].map(async () => {
    const lease = await waitForLease(options, never);
    if (lease !== null) got.push(lease);
  });
  await until(() => log.info.mock.calls.length === 2);
  expect(got).toEqual([]);
  await holder.release();
  await until(() => got.length > 0);
  expect(holder.isHeld()).toBe(false);
  expect(got.map(({ epoch }) => epoch)).toEqual([holder.epoch + 1]);
  await got[0]?.release();
  await Promise.all(waiting);
  expect(got.map(({ epoch }) => epoch)).toEqual([holder.epoch + 1, holder.epoch + 2]);
  await got[1]?.release();
});

test('the former holder of a lease cannot write, even while it takes itself for the holder', async () => {
  const database = await newDatabase();
  const former = await mustTake(database);
  const db = openUnder(database, former);
  await sql`insert into notes values ('before')`.execute(db);
  await endIn(database, -1);
  const next = await mustTake(database);
  expect(former.isHeld()).toBe(true);
  await expect(sql`insert into notes values ('late')`.execute(db)).rejects.toThrow('lost its lease');
  // The refusal told it.
  expect(former.isHeld()).toBe(false);
  await former.lost;
  const transaction = db.transaction().execute((trx) => sql`insert into notes values ('late, too')`.execute(trx));
  await expect(transaction).rejects.toThrow('lost its lease');
  expect(await notesOf(database)).toEqual(['before']);
  await db.destroy();
  await former.release();
  expect(next.isHeld()).toBe(true);
  await next.release();
});

test('a takeover waits for the transaction that is under way', async () => {
  const database = await newDatabase();
  const holder = await mustTake(database);
  const db = openUnder(database, holder);
  await endIn(database, 200);
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  const transaction = db.transaction().execute(async (trx) => {
    await sql`insert into notes values ('in time')`.execute(trx);
    await mayEnd;
  });
  const isOver = async () =>
    (await server.run('select ends_at < clock_timestamp() as over from leases', database))[0]?.over === true;
  await until(isOver);
  const next = mustTake(database);
  const waits = `select 1 from pg_stat_activity where datname = '${database}' and wait_event_type = 'Lock'`;
  await until(async () => (await server.run(waits)).length > 0);
  end();
  await transaction;
  const lease = await next;
  expect(lease.epoch).toBe(holder.epoch + 1);
  expect(await notesOf(database)).toEqual(['in time']);
  await db.destroy();
  await holder.release();
  await lease.release();
});

test('a process that is paused inside a transaction does not keep the next one waiting', async () => {
  const database = await newDatabase();
  const holder = await mustTake(database);
  const db = openUnder(database, holder);
  await endIn(database, 200);
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  const transaction = db.transaction().execute(async (trx) => {
    await sql`insert into notes values ('too late')`.execute(trx);
    await mayEnd;
  });
  const refused = expect(transaction).rejects.toThrow();
  const startedAt = performance.now();
  const isFree = async () =>
    (await server.run('select 1 from leases where ends_at < clock_timestamp()', database)).length;
  await until(async () => (await isFree()) > 0);
  const lease = await mustTake(database);
  expect(performance.now() - startedAt).toBeLessThan(5 * 6_000);
  end();
  await refused;
  expect(await notesOf(database)).toEqual([]);
  await db.destroy();
  await holder.release();
  await lease.release();
});

test('a holder that cannot reach the server stops before its lease ends', async () => {
  const database = await newDatabase();
  const proxy: DatabaseProxy = await startDatabaseProxy(server.address(database).port);
  // Ten times faster: it stops after 0.55 s, while the server keeps the lease for six.
  const clock: Clock = {
    ...systemClock,
    monotonic: () => performance.now() * 10,
    after: (delayMs, callback) => systemClock.after(delayMs / 10, callback),
  };
  const address = { ...server.address(database), port: proxy.port };
  const taken = await takeLease({ address, clock });
  if ('heldBy' in taken) throw new Error('the lease is held');
  proxy.freeze(60_000);
  await taken.lost;
  expect(taken.isHeld()).toBe(false);
  const { length } = await server.run('select 1 from leases where ends_at > clock_timestamp()', database);
  expect(length).toBe(1);
  await proxy.stop();
  await taken.release();
});
