import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CableServer, startCableServer } from '../support/cable-server.ts';
import { type DiscordDouble, fakeDiscordToken, startDiscordDouble } from '../support/discord/double.ts';
import { type LookoutProcess, startLookout } from '../support/lookout-process.ts';

/** Time for which another program holds the write lock, ms: twice as long as a query waits. */
const LOCKED_MS = 10_000;
let folder: string;
let cable: CableServer;
let discord: DiscordDouble;
let channel: string;
let lookout: LookoutProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-locked-'));
  cable = await startCableServer();
  discord = await startDiscordDouble();
  // Every missed heartbeat would show.
  discord.gateway.heartbeatMs = 1_000;
  channel = discord.createChannel();
  const configuration = {
    source: { url: cable.url, key: 'a-key-of-the-test' },
    store: 'sqlite:lookout.db',
    chats: { discord: { token: fakeDiscordToken, api: discord.url } },
    rooms: { here: { to: `discord:${channel}`, waves: 'off' } },
    subscriptions: [{ events: 'posts#create', rooms: 'here' }],
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
  lookout = startLookout({ config: 'config.yaml', directory: folder, env: {} });
});
afterEach(async () => {
  await lookout.kill();
  await discord.stop();
  await cable.stop();
  rmSync(folder, { recursive: true });
});

it('a database that is locked for ten seconds stops neither pings nor heartbeats, and loses and repeats nothing', async () => {
  const client = await cable.client();
  await client.subscribed();
  const pings = setInterval(() => client.ping(), 1_000);
  const message = (id: number) =>
    client.message({
      event_type: 'create',
      event_class: 'Post',
      object: { id, title: `Title of ${id}.`, updated_at: new Date().toISOString() },
    });
  const untilShown = async (count: number) => {
    while (discord.messages(channel).length < count) await lookout.whileRunning(setTimeout(20));
  };
  message(1);
  await untilShown(1);
  // The answer to this one arrives while it cannot be stored.
  const sent = discord.arrival(/^POST .*messages$/);
  message(2);
  await lookout.whileRunning(sent);
  const other = new DatabaseSync(join(folder, 'lookout.db'), { timeout: 5_000 });
  other.exec('BEGIN EXCLUSIVE');
  const beats = discord.gateway.heartbeats;
  for (let id = 3; id <= 20; id++) message(id);
  await lookout.whileRunning(setTimeout(LOCKED_MS));
  expect(discord.gateway.heartbeats - beats).toBeGreaterThanOrEqual(LOCKED_MS / 1_000 - 3);
  other.close();
  await untilShown(20);
  await lookout.whileRunning(setTimeout(2_000));
  clearInterval(pings);
  expect(discord.messages(channel)).toHaveLength(20);
  expect(lookout.said.filter((line) => /"state":"(stale|lost)"/.test(line))).toEqual([]);
  expect(lookout.said.filter((line) => line.includes('keeps') && line.includes('locked'))).toHaveLength(1);
});
