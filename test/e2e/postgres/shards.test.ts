import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { channelOnShard } from '../../support/discord/channel-on-shard.ts';
import { type DiscordDouble, fakeDiscordToken, startDiscordDouble } from '../../support/discord/double.ts';
import { type LookoutProcess, startLookout } from '../../support/lookout-process.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { until } from '../../support/until.ts';
import { type One, startOne } from './support/one-of-several.ts';

const patience = { patienceMs: 60_000 };
/** Time until another process has a unit, as the docs state it, ms. */
const TAKEOVER_MS = 10_000;
const account = 'account:discord';
let server: PostgresServer;
let made = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function startDouble(shards: number): Promise<DiscordDouble> {
  const discord = await startDiscordDouble();
  onTestFinished(() => discord.stop());
  discord.gateway.shards = shards;
  return discord;
}

/** Creates a database, and returns the configuration of a bot with a room: the store, and the rest. */
async function setUp(discord: DiscordDouble): Promise<readonly [string, string]> {
  const name = `shards_${++made}`;
  await server.run(`create database ${name}`);
  const chat = `chats: { discord: { token: ${fakeDiscordToken}, api: "${discord.url}" } }`;
  const rooms = `rooms: { hq: "discord:${discord.createChannel()}" }`;
  return [server.url(name), `${chat}\n${rooms}\ncommands: { rooms: any }`];
}

/** Returns what starts one more process of a bot with a room. */
async function bot(discord: DiscordDouble): Promise<() => Promise<One>> {
  const [store, rest] = await setUp(discord);
  return () => startOne(store, '', undefined, rest);
}

/** Starts so many processes of `lookout run` for a bot with a room. */
async function startReal(discord: DiscordDouble, count: number): Promise<readonly LookoutProcess[]> {
  const [store, rest] = await setUp(discord);
  const directory = mkdtempSync(join(tmpdir(), 'lookout-shards-'));
  const config = join(directory, 'config.yaml');
  writeFileSync(config, `source: { url: demo }\nstore: ${store}\n${rest}\n`);
  const processes = Array.from({ length: count }, () => startLookout({ config, directory, env: {} }));
  onTestFinished(async () => {
    await Promise.all(processes.map((one) => one.kill()));
    rmSync(directory, { recursive: true });
  });
  return processes;
}

/** Returns the units that a process has, by its log. */
function unitsOf({ said }: LookoutProcess): readonly string[] {
  const units = new Set<string>();
  for (const line of said) {
    const [, taken] = /this process works on (.+) from now on/.exec(line) ?? [];
    if (taken !== undefined) units.add(taken);
    const [, given] = /it takes over ([^"]+)/.exec(line) ?? [];
    if (given !== undefined) units.delete(given);
  }
  return [...units];
}

/** Returns the process of each unit, by its place in the list; missing: no process has it. */
function holders(units: readonly string[], processes: readonly One[]): readonly number[] {
  return units.map((unit) => processes.findIndex(({ process }) => process.held.includes(unit)));
}
const shardUnits = (count: number) =>
  Array.from({ length: count - 1 }, (_, index) => `${account}/shard ${index + 1} of ${count}`);

async function asked(discord: DiscordDouble, channel: string, user = '42'): Promise<string> {
  const seeing = discord.act(channel, { id: user }, { slash: 'help' });
  return String((await seeing.answer).content);
}

test('the shards of a bot spread over the processes, take turns to identify, and answer over its account', async () => {
  const discord = await startDouble(4);
  const start = await bot(discord);
  const processes = [await start(), await start(), await start()];
  await until(() => discord.gateway.present.join() === '0,1,2,3', patience);
  await until(() => new Set(holders(shardUnits(4), processes)).size === 3, patience);
  expect([discord.gateway.hurried, discord.gateway.connections]).toEqual([0, 4]);
  for (const shard of [0, 1, 2, 3])
    expect(await asked(discord, channelOnShard(discord, shard, 4)), `over shard ${shard}`).toContain('subscribe');
  expect(processes[0]?.process.fleetLines().filter((line) => line.includes('/shard '))).toHaveLength(3);
}, 120_000);

test('a shard whose process ends is gone on with by another one, and each process says which are down', async () => {
  const discord = await startDouble(2);
  const { gateway } = discord;
  const start = await bot(discord);
  const first = await start();
  await until(() => gateway.present.join() === '0,1', patience);
  const second = await start();
  // The account went there, and begins shard 0 anew.
  await until(() => second.names().includes(account) && gateway.identifies.length === 3, patience);
  await first.process.stop(1_000);
  await until(() => holders(shardUnits(2), [second]).join() === '0' && gateway.present.join() === '0,1', patience);
  // Its session goes on.
  expect([gateway.identifies.length, gateway.resumed]).toEqual([3, 1]);
  expect(await asked(discord, channelOnShard(discord, 1, 2))).toContain('subscribe');
  // A new session is needed, and Discord allows none.
  gateway.remaining = 0;
  gateway.drop(4007, 1);
  const facts = () => JSON.stringify(second.process.factsOf(account));
  await until(() => facts().includes('reads no commands on shard 1 (of 2)'), patience);
}, 120_000);

test('if Discord asks for more shards, the others end and as many are opened', async () => {
  const discord = await startDouble(2);
  const { gateway } = discord;
  const start = await bot(discord);
  const one = await start();
  await until(() => gateway.present.join() === '0,1', patience);
  gateway.shards = 3;
  gateway.drop(4011, 1);
  await until(() => gateway.present.join() === '0,1,2', patience);
  await until(() => holders(shardUnits(3), [one]).join() === '0,0', patience);
  expect(holders(shardUnits(2), [one])).toEqual([-1]);
  expect([gateway.hurried, gateway.connections]).toEqual([0, 3]);
  expect(await asked(discord, channelOnShard(discord, 2, 3))).toContain('subscribe');
}, 120_000);

test('the shards of a process that is killed go on in others, while each command over the rest is answered once', async () => {
  const discord = await startDouble(4);
  const { gateway } = discord;
  const processes = await startReal(discord, 3);
  await until(() => gateway.present.join() === '0,1,2,3', patience);
  const shards = shardUnits(4);
  const has = (one: LookoutProcess) => shards.filter((unit) => unitsOf(one).includes(unit));
  await until(() => processes.every((one) => has(one).length === 1), patience);
  const victim = processes.find((one) => !unitsOf(one).includes(account));
  if (victim === undefined) throw new Error('the account is in each process');
  const lost = 1 + shards.findIndex((unit) => has(victim).includes(unit));
  const [onLost, kept] = [channelOnShard(discord, lost, 4), channelOnShard(discord, 1 + (lost % 3), 4)];
  // Its session is in the store by then.
  const answers = [asked(discord, onLost)];
  await answers[0];
  const before = { resumed: gateway.resumed, identifies: gateway.identifies.length };
  const killedAt = performance.now();
  await victim.kill();
  await until(() => !gateway.present.includes(lost));
  await until(async () => {
    answers.push(asked(discord, kept, String(1_000 + answers.length)));
    await pause(250);
    return gateway.present.includes(lost);
  }, patience);
  expect(performance.now() - killedAt, 'takeover of a shard, ms').toBeLessThan(5 * TAKEOVER_MS);
  answers.push(asked(discord, onLost));
  for (const answer of await Promise.all(answers)) expect(answer).toContain('subscribe');
  // Another one may have been handed over meanwhile.
  expect(gateway.resumed).toBeGreaterThan(before.resumed);
  expect(gateway.identifies).toHaveLength(before.identifies);
  const answered = discord.seen.map(({ path }) => path).filter((path) => path.endsWith('/callback'));
  expect(answered).toHaveLength(answers.length);
}, 180_000);
