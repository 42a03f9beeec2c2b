import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { shardOf } from '../../../src/adapters/discord/shard-of.ts';
import { type DiscordDouble, fakeDiscordToken, startDiscordDouble } from '../../support/discord/double.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { until } from '../../support/until.ts';
import { type One, startOne } from './support/one-of-several.ts';

const patience = { patienceMs: 60_000 };
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

/** Returns what starts one more process of a bot with a room. */
async function bot(discord: DiscordDouble): Promise<() => Promise<One>> {
  const name = `shards_${++made}`;
  await server.run(`create database ${name}`);
  const chat = `chats: { discord: { token: ${fakeDiscordToken}, api: "${discord.url}" } }`;
  const rooms = `rooms: { hq: "discord:${discord.createChannel()}" }`;
  return () => startOne(server.url(name), '', undefined, `${chat}\n${rooms}\ncommands: { rooms: any }`);
}

/** Returns the process of each unit, by its place in the list; missing: no process has it. */
function holders(units: readonly string[], processes: readonly One[]): readonly number[] {
  return units.map((unit) => processes.findIndex(({ process }) => process.held.includes(unit)));
}
const shardUnits = (count: number) =>
  Array.from({ length: count - 1 }, (_, index) => `${account}/shard ${index + 1} of ${count}`);

/** Creates a channel of a server whose events come on a shard. */
function channelOn(discord: DiscordDouble, shard: number, count: number): string {
  for (;;) {
    const channel = discord.createChannel();
    if (shardOf(discord.guildOf(channel), count) === shard) return channel;
    discord.deleteChannel(channel);
  }
}

async function asked(discord: DiscordDouble, channel: string): Promise<string> {
  const seeing = discord.act(channel, { id: '42' }, { slash: 'help' });
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
    expect(await asked(discord, channelOn(discord, shard, 4)), `over shard ${shard}`).toContain('subscribe');
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
  expect(await asked(discord, channelOn(discord, 1, 2))).toContain('subscribe');
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
  expect(await asked(discord, channelOn(discord, 2, 3))).toContain('subscribe');
}, 120_000);
