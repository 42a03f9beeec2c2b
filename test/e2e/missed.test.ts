import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseScrape } from '../metrics/prometheus-text.ts';
import { type CableClient, type CableServer, startCableServer } from '../support/cable-server.ts';
import { type LookoutProcess, startLookout } from '../support/lookout-process.ts';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../support/metasmoke-api.ts';

let folder: string;
let cable: CableServer;
let api: MetasmokeApiDouble;
let lookout: LookoutProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-missed-'));
  cable = await startCableServer();
  api = await startMetasmokeApi();
  const configuration = {
    source: { url: cable.url, key: api.key, api: api.url },
    store: 'sqlite:lookout.db',
    metrics: { port: 0 },
    rooms: { here: { to: 'console:here', waves: 'off' } },
    subscriptions: [{ events: 'posts#create', rooms: 'here' }],
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
  lookout = startLookout({ config: 'config.yaml', directory: folder, env: {} });
});
afterEach(async () => {
  await lookout.kill();
  await cable.stop();
  await api.stop();
  rmSync(folder, { recursive: true });
});

const now = () => new Date().toISOString();
const post = (id: number) => ({ id, title: `Title of ${id}.`, created_at: now(), updated_at: now() });
const live = (client: CableClient, id: number) =>
  client.message({ event_type: 'create', event_class: 'Post', object: post(id) });
/** Returns how often each post was shown, by its id. */
const shown = () => {
  const times = new Map<number, number>();
  for (const line of lookout.said) {
    const id = Number(/Title of (\d+)\./.exec(line)?.[1] ?? 0);
    if (id > 0) times.set(id, (times.get(id) ?? 0) + 1);
  }
  return times;
};
async function subscribed(): Promise<CableClient> {
  const client = await cable.client();
  await client.subscribed();
  return client;
}
async function untilShown(id: number): Promise<void> {
  await lookout.waitForLog(() => shown().has(id), `post ${id}`);
}

it('events from a time when Lookout was not running, or the connection was down, arrive in the rooms once', async () => {
  let client = await subscribed();
  live(client, 1);
  await untilShown(1);
  await lookout.kill();

  for (let id = 1; id <= 150; id++) api.tables.posts.push(post(id));
  lookout.start();
  client = await subscribed();
  live(client, 151);
  api.tables.posts.push(post(151));
  await untilShown(150);
  await untilShown(151);

  // And while it runs: a lost connection.
  client.kill();
  api.tables.posts.push(post(152));
  client = await subscribed();
  await untilShown(152);
  live(client, 152);
  live(client, 153);
  await untilShown(153);
  expect([...shown().keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 153 }, (_, index) => index + 1));
  expect([...shown()].filter(([, times]) => times > 1)).toEqual([]);

  const { url } = await lookout.waitForLog((line) => line.url !== undefined, 'metrics');
  const metrics = parseScrape(await fetch(`${url}/metrics`).then((response) => response.text()));
  // The second gap may begin within the margin of the first: then they are merged.
  expect([1, 2]).toContain(metrics.get('lookout_gaps{lost="no"}'));
  expect(metrics.get('lookout_gaps{lost="yes"}')).toBe(0);
  expect(metrics.get('lookout_gaps_open')).toBe(0);
  expect(metrics.get('lookout_backfill_failures_total')).toBe(0);
  expect(metrics.get('lookout_backfilled_rows_total')).toBeGreaterThanOrEqual(151);
  const fresh = ['backfilled', 'live'].map((origin) =>
    metrics.get(`lookout_events_received_total{model="posts",origin="${origin}"}`),
  );
  expect(fresh.reduce<number>((sum, count = 0) => sum + count, 0)).toBe(152);
  expect(metrics.get('lookout_events_duplicate_total')).toBeGreaterThan(0);
});

it('events that a connected but silent source did not send are fetched, and count as a gap', async () => {
  await lookout.kill();
  const file = join(folder, 'config.yaml');
  const configuration = JSON.parse(readFileSync(file, 'utf8')) as { source: object };
  configuration.source = { ...configuration.source, quiet_after: '1s' };
  writeFileSync(file, JSON.stringify(configuration));
  lookout.start();
  const client = await subscribed();
  live(client, 1);
  await untilShown(1);
  // Only pings go on.
  for (const id of [2, 3]) api.tables.posts.push(post(id));
  await untilShown(3);
  const gap = await lookout.waitForLog(
    ({ msg }) => String(msg).includes('was connected but sent no events'),
    'the gap',
  );
  expect(gap.reason).toBe('the source was connected but sent no events');
  // This is repeated as long as it is silent.
  api.tables.posts.push(post(4));
  await untilShown(4);
  expect([...shown()].filter(([, times]) => times > 1)).toEqual([]);
});

it('rows that the API does not return are fetched after a restart, and `metrics` show an open gap until then', async () => {
  await subscribed();
  await lookout.waitForLog(({ state }) => state === 'subscribed', 'a subscription');
  await lookout.stop();
  api.tables.posts.push(post(1));
  const back = api.always(/v2\.0/, { status: 200, body: { error: 'the database is away' } });
  lookout.start();
  await subscribed();
  await lookout.waitForLog(({ msg }) => String(msg).includes('could not fetch all'), 'a failure');
  const { url } = await lookout.waitForLog((line) => line.url !== undefined, 'metrics');
  const metrics = parseScrape(await fetch(`${url}/metrics`).then((response) => response.text()));
  expect(metrics.get('lookout_gaps_open')).toBe(1);
  await lookout.kill();
  back();
  lookout.start();
  await subscribed();
  await untilShown(1);
});

it('events after a first run without any event arrive in the rooms, too', async () => {
  await subscribed();
  await lookout.waitForLog(({ state }) => state === 'subscribed', 'a subscription');
  await lookout.stop();
  api.tables.posts.push(post(1));
  lookout.start();
  await subscribed();
  await untilShown(1);
});
