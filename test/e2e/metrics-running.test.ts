import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseScrape } from '../metrics/prometheus-text.ts';
import { type CableServer, startCableServer } from '../support/cable-server.ts';
import { type LookoutProcess, startLookout } from '../support/lookout-process.ts';

const key = 'a-key-that-nobody-may-see';
let folder: string;
let cable: CableServer;
let lookout: LookoutProcess;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-metrics-'));
  cable = await startCableServer();
  const configuration = {
    source: { url: cable.url, key },
    store: 'memory',
    rooms: { hall: 'console:here' },
    subscriptions: [{ events: 'posts#create', rooms: 'hall' }],
    metrics: { port: 0 },
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
  lookout = startLookout({ config: 'config.yaml', directory: folder, env: {} });
  url = String((await lookout.waitForLog(({ url }) => url !== undefined, 'metrics')).url);
});
afterEach(async () => {
  await lookout.kill();
  await cable.stop();
  rmSync(folder, { recursive: true });
});

const get = async (path: string) => {
  const response = await fetch(url + path);
  return { status: response.status, body: await response.text() };
};
const said = (text: string) => lookout.waitForLog(({ msg }) => String(msg).includes(text), text);

it('metrics report an event, a source that is lost and connected again, the gap in between, and no secret', async () => {
  const client = await cable.client();
  await client.subscribed();
  await said('and subscribed');
  expect(await get('/readyz')).toEqual({ status: 200, body: 'ready\n' });
  client.message({ event_type: 'create', event_class: 'Post', object: { id: 1, title: 'T' } });
  let metrics = parseScrape((await get('/metrics')).body);
  while (metrics.get('lookout_deliveries_settled_total{state="sent"}') !== 1)
    metrics = parseScrape((await get('/metrics')).body);
  expect(metrics.get('lookout_events_received_total{model="posts",origin="live"}')).toBe(1);
  expect(metrics.get('lookout_sends_total{platform="console",outcome="sent"}')).toBe(1);
  expect(metrics.get('lookout_room_broken{room="hall"}')).toBe(0);
  expect(metrics.get('lookout_gaps{lost="yes"}')).toBe(0);
  expect(Math.abs((metrics.get('lookout_last_event_timestamp_seconds') ?? 0) - Date.now() / 1000)).toBeLessThan(10);

  await cable.hangUp();
  await said('No connection');
  const lost = await get('/readyz');
  expect(lost.status).toBe(503);
  expect(lost.body).toMatch(/^source: no connection to metasmoke since [^\n]*\n$/);
  expect((await get('/healthz')).status).toBe(200);
  expect(parseScrape((await get('/metrics')).body).get('lookout_source_state{state="lost"}')).toBe(1);

  await cable.listen();
  await (await cable.client()).subscribed();
  await said('may have been missed');
  expect((await get('/readyz')).status).toBe(200);
  const { body } = await get('/metrics');
  metrics = parseScrape(body);
  expect(metrics.get('lookout_gaps{lost="yes"}')).toBe(1);
  // No longer than the outage plus the margin for events on their way.
  expect(metrics.get('lookout_gaps_seconds{lost="yes"}')).toBeGreaterThan(2);
  expect(metrics.get('lookout_gaps_seconds{lost="yes"}')).toBeLessThan(20);
  expect(body + lost.body).not.toContain(key);
  // The connection that `fetch` keeps open delays nothing.
  expect(await lookout.stop()).toMatchObject({ code: 0 });
});
