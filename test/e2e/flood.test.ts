import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CableClient, type CableServer, startCableServer } from '../support/cable-server.ts';
import { type LookoutProcess, startLookout } from '../support/lookout-process.ts';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../support/metasmoke-api.ts';

/** Limit of JavaScript's heap; Node's own memory comes on top, and the sum stays below `limitMb`. */
const heapMb = 320;
const limitMb = 512;

let folder: string;
let cable: CableServer;
let api: MetasmokeApiDouble;
let lookout: LookoutProcess | null;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-flood-'));
  cable = await startCableServer();
  api = await startMetasmokeApi();
  lookout = null;
});
afterEach(async () => {
  await lookout?.stop();
  await cable.stop();
  await api.stop();
  rmSync(folder, { recursive: true });
});

/** Starts Lookout with console rooms, and returns the source's side of its connection. */
async function start(rooms: number, events: string): Promise<{ process: LookoutProcess; client: CableClient }> {
  const names = Array.from({ length: rooms }, (_, n) => `room${n}`);
  const configuration = {
    source: { url: cable.url, key: api.key, api: api.url },
    store: 'sqlite:lookout.db',
    rooms: Object.fromEntries(names.map((name) => [name, `console:${name}`])),
    subscriptions: rooms === 0 ? [{ events: 'reasons#destroy', rooms: 'console:other' }] : [{ events, rooms: names }],
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
  const env = { NODE_OPTIONS: `--max-old-space-size=${heapMb}` };
  const process = startLookout({ config: 'config.yaml', directory: folder, env });
  lookout = process;
  const client = await process.whileRunning(cable.client());
  await process.whileRunning(client.subscribed());
  return { process, client };
}

function count(table: string): number {
  const database = new DatabaseSync(join(folder, 'lookout.db'), { readOnly: true, timeout: 5_000 });
  const { n } = database.prepare(`select count(*) as n from ${table}`).get() as { n: number };
  database.close();
  return n;
}

/** Waits until a table has a number of rows, and fails if none is added for some seconds. */
async function untilThere(process: LookoutProcess, table: string, wanted: number, idleSeconds = 10): Promise<void> {
  let last = -1;
  for (let idle = 0; idle < 5 * idleSeconds; idle++) {
    const there = count(table);
    if (there >= wanted) return;
    if (there !== last) idle = 0;
    last = there;
    await process.whileRunning(pause(200));
  }
  throw new Error(`${last} of ${wanted} rows of ${table}:\n${process.said.slice(-5).join('\n')}`);
}

function mostMb({ pid }: LookoutProcess): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

const message = (eventClass: string, id: number, more: object) => ({
  event_type: 'create',
  event_class: eventClass,
  object: { id, updated_at: '2026-01-02T03:04:05.000Z', created_at: '2026-01-02T03:04:05.000Z', ...more },
});

describe('a process of 512 MB handles', () => {
  it('120,000 events at once, and loses none', async () => {
    const { process, client } = await start(0, '');
    for (let id = 1; id <= 120_000; id++) client.message(message('Post', id, { title: `post ${id}` }));
    await untilThere(process, 'events', 120_000);
    expect(count('gaps')).toBe(0);
    expect(mostMb(process)).toBeLessThan(limitMb);
    expect(process.said.join('\n')).not.toMatch(/lost|dropped/);
  });

  it('5,000 announcements for one console room', async () => {
    const { process, client } = await start(1, 'announcements');
    for (let id = 1; id <= 5_000; id++)
      client.message(message('Announcement', id, { text: `<b>Look</b> at this, ${id} times.`.repeat(20) }));
    await untilThere(process, "deliveries where state = 'sent'", 5_000);
    expect(mostMb(process)).toBeLessThan(limitMb);
  });

  it('27 posts a second for 20 rooms', async () => {
    const { process, client } = await start(20, 'posts#create');
    const seconds = 10;
    for (let id = 1; id <= 27 * seconds; id++) {
      client.message(message('Post', id, { title: `post ${id}`, body: 'Buy now. '.repeat(300), why: 'keto' }));
      if (id % 27 === 0) await pause(1_000);
    }
    await untilThere(process, "deliveries where state = 'sent'", 27 * seconds * 20);
    expect(mostMb(process)).toBeLessThan(limitMb);
  });

  it('a gap of 50,000 posts: the newest 10,000 are shown, and the others are reported as lost', async () => {
    const { process, client } = await start(1, 'posts#create');
    client.message(message('Post', 1, { title: 'post 1' }));
    await untilThere(process, "deliveries where state = 'sent'", 1);
    await process.kill();
    const now = new Date().toISOString();
    for (let id = 2; id <= 50_001; id++)
      api.tables.posts.push({
        id,
        title: `post ${id}`,
        body: 'Buy now. '.repeat(300),
        created_at: now,
        updated_at: now,
      });
    process.start();
    const again = await process.whileRunning(cable.client());
    await process.whileRunning(again.subscribed());
    const beat = setInterval(() => again.ping(), 3_000);
    // A hundred pages, at five per second, are stored when all have arrived.
    await untilThere(process, 'events', 10_001, 60).finally(() => clearInterval(beat));
    await untilThere(process, "deliveries where state not in ('waiting', 'planned')", 10_001);
    expect(count("gaps where open_from is null and lost like '%posts%more than 10000 rows%'")).toBe(1);
    expect(count('events where row_id = 50001')).toBe(1);
    expect(mostMb(process)).toBeLessThan(limitMb);
  });
});
