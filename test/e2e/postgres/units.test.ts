import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { extensions } from '../../../src/command-line/extensions.ts';
import type { Config } from '../../../src/config/config.ts';
import { compareConfigs } from '../../../src/reload/compare.ts';
import { takeLease } from '../../../src/store/postgres/take-lease.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { fakeDiscordToken, startDiscordDouble } from '../../support/discord/double.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { until } from '../../support/until.ts';
import { configOf, type One, startOne } from './support/one-of-several.ts';

const patience = { patienceMs: 30_000 };
let server: PostgresServer;
let made = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const start = (database: string, ...more: Parameters<typeof startOne> extends [string, ...infer Rest] ? Rest : never) =>
  startOne(server.url(database), ...more);

async function newDatabase(): Promise<string> {
  const name = `units_${++made}`;
  await server.run(`create database ${name}`);
  return name;
}

test('one process has all units, a second one gets some, and one that ends hands its own over at once', async () => {
  const database = await newDatabase();
  const first = await start(database);
  await until(() => first.names().length === 2, patience);
  await until(() => first.printed.length > 0, patience);
  const second = await start(database);
  // No unit is handed over before it was kept for ten seconds.
  await until(() => second.names().length === 1, patience);
  expect(first.names()).toEqual(['leader']);
  expect(second.names()).toEqual(['account:console']);
  // What the leader stores is shown by the other process, which is woken for it.
  const before = second.printed.length;
  await until(() => second.printed.length > before, patience);
  expect(second.process.fleetLines()).toEqual([
    expect.stringMatching(/^leader: .+:\d+$/),
    expect.stringMatching(/^account:console: .+:\d+$/),
  ]);
  const stoppedAt = performance.now();
  await first.process.stop(1_000);
  await until(() => second.names().length === 2, patience);
  expect(performance.now() - stoppedAt).toBeLessThan(5_000);
});

test('a command takes effect in the process that listens to the source before its answer', async () => {
  const database = await newDatabase();
  const first = await start(database);
  await until(() => first.names().length === 2, patience);
  const second = await start(database);
  await until(() => second.names().length === 1, patience);
  const leader = first.process.units.find(({ name }) => name === 'leader');
  const account = second.process.units.find(({ name }) => name === 'account:console');
  const say = (line: string) =>
    account?.surfaces?.commands.run({
      ...{
        key: null,
        platform: 'console',
        account: 'console',
        room: 'hq',
        direct: false,
        answered: 'free',
        about: null,
      },
      asker: { id: 'shell:test', roles: [], manages: true, power: null },
      said: { kind: 'line', text: line },
      isOperator: true,
    });
  const answer = await say('subscribe feedbacks#create');
  expect(JSON.stringify(answer)).not.toContain('takes effect in a moment');
  const events = () => leader?.ingest.live.ofRoom('console:hq').map(({ events: spec }) => [...spec.keys()]);
  expect(events()).toEqual([['posts'], ['feedbacks']]);
  const { id } = leader?.ingest.live.ofRoom('console:hq')[1] ?? { id: '' };
  await say(`unsubscribe ${id}`);
  expect(events()).toEqual([['posts']]);
});

test('without a process that listens to the source a command says that it takes effect later', async () => {
  const database = await newDatabase();
  const only = await start(database);
  await until(() => only.names().length === 2, patience);
  const account = only.process.units.find(({ name }) => name === 'account:console');
  const leader = only.process.units.find(({ name }) => name === 'leader');
  // Another process takes it, which does nothing.
  await server.run("update leases set ends_at = '-infinity' where unit = 'leader'", database);
  const other = await takeLease({ address: server.address(database), clock: systemClock, unit: 'leader' });
  if ('heldBy' in other) throw new Error('the lease is held');
  onTestFinished(() => other.release());
  await until(() => !only.names().includes('leader'), patience);
  await leader?.stop(0);
  const answer = await account?.surfaces?.commands.run({
    ...{ key: null, platform: 'console', account: 'console', room: 'hq', direct: false, answered: 'free', about: null },
    asker: { id: 'shell:test', roles: [], manages: true, power: null },
    said: { kind: 'line', text: 'subscribe feedbacks#create' },
    isOperator: true,
  });
  expect(JSON.stringify(answer)).toContain('This is stored, and takes effect in a moment.');
});

test('processes with different configurations say which has which', async () => {
  const database = await newDatabase();
  const first = await start(database);
  await until(() => first.names().length === 2, patience);
  await start(database, 'operators: hq\n');
  const difference = /^the processes have different configurations: .+: an older one \(.+\); .+: the newest \(.+\)$/;
  await until(() => first.said.some((line) => difference.test(line)), patience);
  // The one with the older configuration keeps what it has: nothing goes to and fro.
  expect(first.names()).toEqual(['account:console', 'leader']);
});

test('a room that only the newer configuration has begins when a process with it takes over its account', async () => {
  const database = await newDatabase();
  const first = await start(database);
  await until(() => first.names().length === 2, patience);
  const more = '  - { events: feedbacks, rooms: "console:more" }\n';
  const second = await start(
    database,
    more,
    takeLease,
    'rooms: { hq: "console:hq" }\nsubscriptions:\n  - { events: posts, rooms: hq }',
  );
  const rooms = () => server.run('select address, configured from rooms order by id', database);
  await until(
    () => first.said.some((line) => line.startsWith('the processes have different configurations')),
    patience,
  );
  expect(await rooms()).toEqual([{ address: 'console:hq', configured: 1 }]);
  await first.process.stop(1_000);
  await until(() => second.names().length === 2, patience);
  expect(await rooms()).toEqual([
    { address: 'console:hq', configured: 1 },
    { address: 'console:more', configured: 1 },
  ]);
});

test('a room that changes its account is worked on by the old one until that parks it, then by the new one', async () => {
  const database = await newDatabase();
  const [token, other] = [fakeDiscordToken, `${fakeDiscordToken.slice(0, -1)}x`];
  const one = await startDiscordDouble({ token });
  onTestFinished(() => one.stop());
  const two = await startDiscordDouble({ token: other });
  onTestFinished(() => two.stop());
  const bot = `chats:\n  discord:\n    - { token: ${token}, api: "${one.url}" }\n`;
  const eu = `    - { name: eu, token: ${other}, api: "${two.url}" }\n`;
  const hq = `hq: "discord:${one.createChannel()}"`;
  const moved = `discord:${one.createChannel()}`;
  const old = await start(database, '', takeLease, `${bot}rooms: { ${hq}, moved: "${moved}" }`);
  await until(() => old.names().length === 2, patience);
  const next = await start(
    database,
    '',
    takeLease,
    `${bot}${eu}rooms: { ${hq}, moved: { to: "${moved}", account: eu } }`,
  );
  const account = async () =>
    (await server.run(`select account, configured from rooms where address = '${moved}'`, database))[0];
  const workers = ({ process }: One) =>
    process.units.flatMap(({ delivery }) =>
      delivery.outbox.workers.flatMap(({ gate }) => (gate.room.address === moved ? [gate.room.account] : [])),
    );
  // The unit of the new account is free: only the newer configuration has it.
  await until(() => next.names().includes('account:discord/eu'), patience);
  expect(await account()).toEqual({ account: 'discord', configured: 1 });
  expect([workers(old), workers(next)]).toEqual([['discord'], []]);
  await old.process.stop(1_000);
  await until(() => workers(next).length > 0, patience);
  expect(workers(next)).toEqual(['discord/eu']);
  expect(await account()).toEqual({ account: 'discord/eu', configured: 1 });
});

test('a reload that moves a room to another account of the process leaves one worker, in whatever order its units reload', async () => {
  const database = await newDatabase();
  const [token, other] = [fakeDiscordToken, `${fakeDiscordToken.slice(0, -1)}x`];
  const one = await startDiscordDouble({ token });
  onTestFinished(() => one.stop());
  const two = await startDiscordDouble({ token: other });
  onTestFinished(() => two.stop());
  const [hq, ofEu, moved] = [1, 2, 3].map(() => `discord:${one.createChannel()}`);
  const rooms = (ofMoved: string) => `chats:
  discord:
    - { token: ${token}, api: "${one.url}" }
    - { name: eu, token: ${other}, api: "${two.url}" }
rooms: { hq: "${hq}", of_eu: { to: "${ofEu}", account: eu }, moved: ${ofMoved} }`;
  const { process, names } = await start(database, '', takeLease, rooms(`"${moved}"`));
  await until(() => names().length === 3, patience);
  const workers = () =>
    process.units.flatMap(({ delivery }) =>
      delivery.outbox.workers.flatMap(({ gate }) => (gate.room.address === moved ? [gate.room.account] : [])),
    );
  expect(workers()).toEqual(['discord']);
  const [toEu, back] = [`{ to: "${moved}", account: eu }`, `"${moved}"`].map((to) =>
    configOf(server.url(database), rooms(to)),
  );
  const reload = async (before: Config, after: Config, order: readonly string[]) => {
    for (const name of order) {
      const unit = process.units.find((each) => each.name === name);
      await unit?.apply(after, compareConfigs(before, after, extensions.platforms));
    }
  };
  const units = ['account:discord/eu', 'account:discord', 'leader'];
  await reload(process.config(), toEu!, units);
  await until(() => workers().length > 0, patience);
  expect(workers()).toEqual(['discord/eu']);
  await reload(toEu!, back!, units);
  await until(() => workers().includes('discord'), patience);
  expect(workers()).toEqual(['discord']);
});

test('a unit that loses the database while it starts is taken again', async () => {
  const database = await newDatabase();
  let taken = 0;
  const one = await start(database, '', async (options) => {
    const lease = await takeLease(options);
    // The first write meets the end of its connection.
    if ('heldBy' in lease || ++taken > 1) return lease;
    return { ...lease, begin: async () => Promise.reject(new Error('Connection terminated unexpectedly')) };
  });
  await until(() => one.names().length === 2, patience);
  expect(one.said).toContain('leader could not start: another process takes it, or this one in 5 s');
});

test('a unit that cannot start until a person mends something ends the process', async () => {
  const database = await newDatabase();
  const first = await start(database);
  await until(() => first.names().length === 2, patience);
  await first.process.stop(1_000);
  await server.run('alter table events rename to gone', database);
  const second = await start(database);
  await expect(second.process.ending).rejects.toThrow(/events/);
  expect(second.said.filter((line) => line.startsWith('this process works on leader'))).toHaveLength(1);
});
