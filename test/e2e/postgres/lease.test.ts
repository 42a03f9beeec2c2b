import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresDialect } from '../../../src/store/postgres/dialect.ts';
import type { Lease } from '../../../src/store/postgres/lease.ts';
import { takeLease } from '../../../src/store/postgres/take-lease.ts';
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

async function mustTake(database: string, clock: Clock = systemClock, unit = 'lookout'): Promise<Lease> {
  const taken = await takeLease({ address: server.address(database), clock, unit });
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

test('a lease that is given away is free at once, with the next epoch', async () => {
  const database = await newDatabase();
  const holder = await mustTake(database);
  await holder.release();
  expect(holder.isHeld()).toBe(false);
  const next = await mustTake(database);
  expect(next.epoch).toBe(holder.epoch + 1);
  await next.release();
});

test('units have leases of their own, and everything is free only if all of them are', async () => {
  const database = await newDatabase();
  const options = { address: server.address(database), clock: systemClock };
  const leader = await mustTake(database, systemClock, 'leader');
  const account = await mustTake(database, systemClock, 'account:discord');
  expect(await takeLease({ ...options, unit: 'leader' })).toHaveProperty('heldBy');
  expect(await takeLease(options)).toHaveProperty('heldBy');
  await leader.release();
  expect(await takeLease(options)).toHaveProperty('heldBy');
  await account.release();
  const everything = await mustTake(database);
  expect(await takeLease({ ...options, unit: 'leader' })).toHaveProperty('heldBy');
  await everything.release();
});

test('of many processes that take units and everything at once, everything is held alone', async () => {
  const database = await newDatabase();
  const options = { address: server.address(database), clock: systemClock };
  const units = ['leader', 'lookout', 'account:discord', 'lookout', 'account:matrix', 'lookout'];
  const answers = await Promise.all(units.map((unit) => takeLease({ ...options, unit })));
  const leases = answers.filter((answer): answer is Lease => !('heldBy' in answer));
  const held = leases.map(({ unit }) => unit).sort();
  expect(held.includes('lookout') ? ['lookout'] : units.filter((unit) => unit !== 'lookout').sort()).toEqual(held);
  await Promise.all(leases.map((lease) => lease.release()));
});

test('the leader and an account write in turns, and two accounts at the same time', async () => {
  const database = await newDatabase();
  const leases = await Promise.all(
    ['leader', 'account:discord', 'account:matrix'].map((unit) => mustTake(database, systemClock, unit)),
  );
  const [leader, discord, matrix] = leases.map((lease) => openUnder(database, lease));
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const transaction = discord!.transaction().execute(async (trx) => {
    await sql`insert into notes values ('discord')`.execute(trx);
    begin();
    await mayEnd;
  });
  await begun;
  await sql`insert into notes values ('matrix')`.execute(matrix!);
  const ofLeader = sql`insert into notes values ('leader')`.execute(leader!);
  const waits = `select 1 from pg_stat_activity where datname = '${database}' and wait_event = 'advisory'`;
  await until(async () => (await server.run(waits)).length > 0);
  end();
  await Promise.all([transaction, ofLeader]);
  expect(await notesOf(database)).toEqual(expect.arrayContaining(['matrix', 'discord', 'leader']));
  await Promise.all([leader, discord, matrix].map((db) => db!.destroy()));
  await Promise.all(leases.map((lease) => lease.release()));
});

test('facts about a unit are written down with each renewal', async () => {
  const database = await newDatabase();
  // Ten times faster: it is renewed after 0.2 s.
  const clock: Clock = { ...systemClock, after: (delayMs, callback) => systemClock.after(delayMs / 10, callback) };
  const lease = await mustTake(database, clock, 'leader');
  lease.tell(() => ({ events: 5 }));
  const facts = async () => (await server.run('select facts from leases', database))[0]?.facts;
  await until(async () => (await facts()) === '{"events":5}');
  await lease.release();
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
