import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/store/open-store.ts';
import { type CableClient, type CableServer, startCableServer } from '../../support/cable-server.ts';
import { type Child, type Exit, startChild } from '../../support/child.ts';
import { type DiscordDouble, fakeDiscordToken, startDiscordDouble } from '../../support/discord/double.ts';
import { fakeToken, type Homeserver, startHomeserver } from '../../support/homeserver.ts';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../../support/metasmoke-api.ts';

/**
 * Runs `lookout run` as a separate process that a service manager asks to end: whatever it is doing, it exits in time
 * with 0 and nothing is lost.
 */
const program = fileURLToPath(new URL('../../../src/lookout.js', import.meta.url));
/** Grace period of a send in flight, ms. */
const GRACE_MS = 1_000;
/** Limit of the shutdown, ms, with a margin for a busy machine. */
const AT_LATEST_MS = 10_000;
const SAME_SIGNAL_MS = 500;

let folder: string;
let cable: CableServer;
let running: Child[];
let closing: (() => Promise<unknown>)[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-stopping-'));
  cable = await startCableServer();
  running = [];
  closing = [];
});
afterEach(async () => {
  for (const child of running) await child.end('SIGKILL');
  for (const close of closing) await close();
  await cable.stop();
  rmSync(folder, { recursive: true });
});

/** Configures the room `here` at an address, with everything that it needs. */
function configure(
  address: string,
  more: { readonly chats?: object; readonly api?: { url: string; key: string } } = {},
) {
  const { api } = more;
  const configuration = {
    source: { url: cable.url, key: api?.key ?? 'a-key-of-the-test', ...(api !== undefined && { api: api.url }) },
    store: 'sqlite:lookout.db',
    chats: more.chats ?? {},
    rooms: { here: { to: address, waves: 'off' } },
    subscriptions: [{ events: 'posts#create', rooms: 'here' }],
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
}
async function discordRoom(): Promise<{ readonly discord: DiscordDouble; readonly channel: string }> {
  const discord = await startDiscordDouble();
  closing.push(() => discord.stop());
  const channel = discord.createChannel();
  configure(`discord:${channel}`, { chats: { discord: { token: fakeDiscordToken, api: discord.url } } });
  return { discord, channel };
}
async function matrixRoom(): Promise<Homeserver> {
  const homeserver = await startHomeserver();
  closing.push(() => homeserver.stop());
  const room = homeserver.rooms.create({ members: { [homeserver.user]: 'join' } });
  configure(`matrix:${room}`, { chats: { matrix: { homeserver: homeserver.url, token: fakeToken } } });
  return homeserver;
}

async function missedApi(): Promise<MetasmokeApiDouble> {
  const api = await startMetasmokeApi();
  closing.push(() => api.stop());
  return api;
}

function lookout(): Child {
  const child = startChild(process.execPath, [program, 'run'], {
    cwd: folder,
    env: { PATH: process.env.PATH, NO_COLOR: '1' },
  });
  running.push(child);
  return child;
}
async function subscribed(): Promise<CableClient> {
  const client = await cable.client();
  await client.subscribed();
  return client;
}
const now = () => new Date().toISOString();
const post = (id: number) => ({ id, title: `Title of ${id}.`, created_at: now(), updated_at: now() });
const live = (client: CableClient, object: object) =>
  client.message({ event_type: 'create', event_class: 'Post', object });
const says = (child: Child, text: string) => child.waitForLine((line) => line.includes(text), text);

/** Sends one signal after the other; returns the exit and the time since the last signal. */
async function terminate(child: Child, afterMs: readonly number[] = []): Promise<Exit & { readonly tookMs: number }> {
  process.kill(child.pid, 'SIGTERM');
  for (const ms of afterMs) {
    await setTimeout(ms);
    process.kill(child.pid, 'SIGTERM');
  }
  const last = performance.now();
  return { ...(await child.exited), tookMs: performance.now() - last };
}
/** Returns the state of each delivery. */
const states = () => stored('select state from deliveries order by id').map((row) => String(row.state));
function stored(sql: string) {
  const database = new DatabaseSync(join(folder, 'lookout.db'), { readOnly: true, timeout: 5_000 });
  const rows = database.prepare(sql).all();
  database.close();
  return rows.map((row) => ({ ...row }));
}
/** Locks the database for all other processes until the returned function is called. */
function lockDatabase(): () => void {
  const database = new DatabaseSync(join(folder, 'lookout.db'), { timeout: 8_000 });
  database.exec('BEGIN EXCLUSIVE');
  return () => database.close();
}
/** Returns how often a console room showed each post. */
function shown(): Map<number, number> {
  const times = new Map<number, number>();
  for (const line of running.flatMap((child) => child.lines)) {
    const id = Number(/Title of (\d+)\./.exec(line)?.[1] ?? 0);
    if (id > 0) times.set(id, (times.get(id) ?? 0) + 1);
  }
  return times;
}
const ok = { code: 0, signal: null };

describe('a stop with a send in flight', () => {
  it('waits for it no longer than the grace period, and repeats it with its key at the next start', async () => {
    const { discord, channel } = await discordRoom();
    const child = lookout();
    const client = await subscribed();
    discord.next(/^POST .*messages$/, { hangs: true });
    const sent = discord.arrival(/^POST .*messages$/);
    live(client, post(1));
    live(client, post(2));
    const first = await child.whileRunning(sent);
    // Two signals within half a second count as one.
    const { tookMs, ...exit } = await terminate(child, [100]);
    expect(exit).toEqual(ok);
    expect(tookMs).toBeGreaterThan(GRACE_MS - 300);
    expect(tookMs).toBeLessThan(AT_LATEST_MS);
    expect(states()).toEqual(['planned', 'waiting']);
    expect(discord.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);

    const again = discord.arrival(/^POST .*messages$/);
    const second = lookout();
    const nonceOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { nonce: string }).nonce;
    expect(nonceOf(await second.whileRunning(again))).toBe(nonceOf(first));
    while (discord.messages(channel).length < 2) await setTimeout(5);
    expect((await terminate(second)).code).toBe(0);
    expect(states()).toEqual(['sent', 'sent']);
    expect(discord.messages(channel)).toHaveLength(2);
  });

  // A busy machine may deliver the second signal after the grace period.
  it('ends at once at a second signal half a second later, and loses nothing', { retry: 3 }, async () => {
    const homeserver = await matrixRoom();
    const child = lookout();
    const client = await subscribed();
    homeserver.next(/^PUT .*send/, { hangs: true });
    const sent = homeserver.arrival(/^PUT .*send/);
    live(client, post(1));
    await child.whileRunning(sent);
    expect(await terminate(child, [SAME_SIGNAL_MS + 20])).toMatchObject(ok);
    // An orderly end closes the database, which removes its log.
    expect(existsSync(join(folder, 'lookout.db-wal'))).toBe(true);
    expect(states()).toEqual(['planned']);
  });
});

describe('a stop while a server does not answer', () => {
  /** Expects an end by itself, not by the time limit. */
  async function endsPromptly(child: Child): Promise<void> {
    expect(await terminate(child)).toMatchObject(ok);
    expect(child.lines.join('\n')).not.toContain('shutdown timed out');
  }

  it.each([/^GET \/users\/@me/, /^GET \/gateway/])('is possible before the login is done: %s', async (request) => {
    const { discord } = await discordRoom();
    discord.always(request, { hangs: true });
    const asked = discord.arrival(request);
    const child = lookout();
    await child.whileRunning(asked);
    await endsPromptly(child);
  });

  it('ends the wait that the platform requested', async () => {
    const { discord, channel } = await discordRoom();
    const child = lookout();
    const client = await subscribed();
    discord.next(/^POST .*messages$/, {
      status: 429,
      headers: { 'retry-after': '60', 'x-ratelimit-scope': 'shared' },
      body: { message: 'The resource is being rate limited.', retry_after: 60, global: false },
    });
    const sent = discord.arrival(/^POST .*messages$/);
    live(client, post(1));
    await child.whileRunning(sent);
    while (states().join() !== 'waiting') await setTimeout(5);
    await endsPromptly(child);
    lookout();
    while (states().join() !== 'sent') await setTimeout(5);
    expect(discord.messages(channel)).toHaveLength(1);
  });

  it('ends a sync that a homeserver holds open', async () => {
    const homeserver = await matrixRoom();
    const child = lookout();
    // The first answer comes at once, the next one when something happens.
    while (!homeserver.seen.some(({ path, query }) => path === '/sync' && Number(query.get('timeout')) > 0))
      await child.whileRunning(setTimeout(5));
    await endsPromptly(child);
  });

  it('ends the request for missed events, which is repeated at the next start', async () => {
    const asked = Promise.withResolvers<void>();
    const hanging: Server = createServer(() => asked.resolve());
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    closing.push(async () => hanging.closeAllConnections() ?? hanging.close());
    const api = await missedApi();
    configure('console:here', { api });
    const first = lookout();
    const client = await subscribed();
    live(client, post(1));
    await says(first, 'Title of 1.');
    await terminate(first);

    api.tables.posts.push(post(2));
    const { port } = hanging.address() as AddressInfo;
    configure('console:here', { api: { url: `http://127.0.0.1:${port}/api`, key: api.key } });
    const second = lookout();
    await second.whileRunning(asked.promise);
    await endsPromptly(second);

    configure('console:here', { api });
    await says(lookout(), 'Title of 2.');
    expect([...shown()]).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });
});

describe('a stop in the middle of a burst', () => {
  it('shows each event once, before it or at the next start', async () => {
    const api = await missedApi();
    configure('console:here', { api });
    const first = lookout();
    const client = await subscribed();
    const rows = Array.from({ length: 200 }, (_, index) => post(index + 1));
    api.tables.posts.push(...rows);
    for (const row of rows.slice(0, 150)) live(client, row);
    await says(first, 'Title of 1.');
    for (const row of rows.slice(150)) live(client, row);
    expect(await terminate(first)).toMatchObject(ok);

    const second = lookout();
    while (shown().size < 200) await second.whileRunning(setTimeout(5));
    expect([...shown().values()].every((times) => times === 1)).toBe(true);
    await second.end('SIGTERM');
    expect(new Set(states())).toEqual(new Set(['sent']));
  });
});

describe('a stop while another program locks the database', () => {
  it('ends in time, and unwritten events are fetched at the next start', async () => {
    const api = await missedApi();
    configure('console:here', { api });
    const first = lookout();
    const client = await subscribed();
    live(client, post(1));
    await says(first, 'Title of 1.');
    const unlock = lockDatabase();
    const row = post(2);
    api.tables.posts.push(row);
    live(client, row);
    // A frame that the server sends after the event is read after it.
    client.disconnect('server_restart', true);
    await says(first, '"state":"lost"');
    const { tookMs, ...exit } = await terminate(first);
    expect(exit).toEqual(ok);
    expect(tookMs).toBeLessThan(AT_LATEST_MS);
    expect(first.lines.join('\n')).toContain(
      '1 event could not be written to the store before the stop: the API is asked',
    );
    unlock();
    await says(lookout(), 'Title of 2.');
    expect([...shown()]).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it('ends even a start that waits for the database', async () => {
    configure('console:here');
    await (await openStore(join(folder, 'lookout.db'))).close();
    const lock = join(folder, 'lookout.db-lock');
    const unlock = lockDatabase();
    const child = lookout();
    while (!existsSync(lock)) await child.whileRunning(setTimeout(5));
    const { tookMs, ...exit } = await terminate(child);
    expect(exit).toEqual(ok);
    expect(tookMs).toBeLessThan(AT_LATEST_MS);
    unlock();
  });
});
