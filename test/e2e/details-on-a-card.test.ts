import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CableServer, startCableServer } from '../support/cable-server.ts';
import { type DiscordDouble, startDiscordDouble } from '../support/discord/double.ts';
import { type LookoutProcess, startLookout } from '../support/lookout-process.ts';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../support/metasmoke-api.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { until } from '../support/until.ts';

let folder: string;
let cable: CableServer;
let api: MetasmokeApiDouble;
let discord: DiscordDouble;
let channel: string;
let lookout: LookoutProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-details-'));
  cable = await startCableServer();
  api = await startMetasmokeApi();
  discord = await startDiscordDouble();
  channel = discord.createChannel();
  api.tables.sites.push({ id: 4, site_name: 'Ask Different', site_domain: 'apple.stackexchange.com', site_logo: null });
  api.tables.reasons.push(
    { id: 1, reason_name: 'bad keyword', weight: 80 },
    { id: 2, reason_name: 'link', weight: 15 },
  );
  const configuration = {
    source: { url: cable.url, key: api.key, api: api.url },
    store: 'sqlite:lookout.db',
    chats: { discord: { api: discord.url, token: discord.bot.token } },
    rooms: { smoke: `discord:${channel}` },
    subscriptions: [{ events: 'posts#create', rooms: 'smoke', card: true }],
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
  lookout = startLookout({ config: 'config.yaml', directory: folder, env: {} });
});
afterEach(async () => {
  await lookout.kill();
  await Promise.all([cable.stop(), api.stop(), discord.stop()]);
  rmSync(folder, { recursive: true });
});

const post = (id: number) => ({
  ...{ id, title: `Title ${id}`, link: `//apple.stackexchange.com/q/${id}`, site_id: 4, username: 'u' },
  ...{ created_at: new Date().toISOString(), updated_at: new Date().toISOString() },
});
const shown = () => JSON.stringify(discord.messages(channel));
const writes = () =>
  discord.seen.map(({ method, path }) => `${method} ${path}`).filter((line) => /^(POST|PATCH) .*\/messages/.test(line));

async function appear(id: number): Promise<void> {
  const client = await cable.client();
  await client.subscribed();
  client.message({ event_type: 'create', event_class: 'Post', object: post(id) });
}

const untilShown = (text: string) =>
  until(() => shown().includes(text), { patienceMs: PATIENCE_MS, there: () => `${text} in ${shown()}` });

it('arrive by one edit, even if the API lists the post only after a restart', async () => {
  await appear(1);
  await untilShown('Title 1');
  expect(shown()).not.toContain('bad keyword');
  await lookout.kill();
  api.tables.posts.push({ ...post(1), reason_ids: [1, 2] });
  lookout.start();
  await untilShown('bad keyword');
  for (const text of ['Ask Different', 'link', 'weight 95']) expect(shown()).toContain(text);
  expect(writes().filter((line) => line.startsWith('PATCH'))).toHaveLength(1);
  expect(discord.messages(channel)).toHaveLength(1);
});

it('show after a gap that the post was deleted in between', async () => {
  api.tables.posts.push({ ...post(1), reason_ids: [1] });
  const client = await cable.client();
  await client.subscribed();
  client.message({ event_type: 'create', event_class: 'Post', object: post(1) });
  await untilShown('bad keyword');
  expect(shown()).not.toContain('deleted');
  const [stored] = api.tables.posts.splice(0);
  const later = new Date(Date.now() + 5_000).toISOString();
  api.tables.posts.push({ ...stored, created_at: '2020-01-01T00:00:00.000Z', deleted_at: later, updated_at: later });
  client.kill();
  await (await cable.client()).subscribed();
  await untilShown('deleted');
  expect(discord.messages(channel)).toHaveLength(1);
});

it('are missing if the API is down, which is logged once, and nothing else happens', async () => {
  await api.stop();
  await appear(1);
  await untilShown('Title 1');
  await lookout.waitForLog(({ msg }) => String(msg).includes('could not fetch details of posts'), 'the log');
  expect(writes()).toHaveLength(1);
  const complaints = lookout.said.filter((line) => /"level":(40|50)|"(warn|error)"/.test(line));
  expect(complaints).toHaveLength(1);
  expect(await lookout.stop()).toMatchObject({ code: 0 });
});
