import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noteGap, noteReading } from '../../src/inputs/gaps/gap-rows.ts';
import type { SourceState } from '../../src/inputs/source/state.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { links } from '../../src/metasmoke/links.ts';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts';
import { causesOfUnreadiness } from '../../src/metrics/readiness.ts';
import { createMuteNotice } from '../../src/notices/mute-notice.ts';
import { dropDeadLetter, listDeadLetters, retryDeadLetter } from '../../src/outbox/rows/dead-letters.ts';
import { createMutes } from '../../src/rooms/mutes.ts';
import { openStore } from '../../src/store/open-store.ts';
import { anEvent } from '../support/events.ts';
import { obeyedIn } from '../support/hostile-text.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';
import { createScriptedAdapter, type ScriptedAdapter } from '../support/scripted-adapter.ts';
import { createTestClock } from '../support/test-clock.ts';
import { parseScrape, type Scrape } from './prometheus-text.ts';

let rig: OutboxRig;
let adapter: ScriptedAdapter;
let metrics: Metrics;
let source: { state: SourceState; unreadableFrames: number };
const catalogue = createCatalogue();
const process = {
  lastReload: () => ({ isGood: true, goodAt: 1_000 }),
  units: () => ['leader'],
  configDiffers: () => false,
};
const counts = { received: 3, backfilled: 0, duplicate: 4, malformed: 5, failed: 6, conditionsFailed: 8, lost: 7 };

beforeEach(async () => {
  const clock = createTestClock();
  adapter = createScriptedAdapter();
  metrics = createMetrics({
    accounts: ['matrix'],
    counters: [],
    catalogue,
    version: '1.2.3',
    process,
    clock,
    log: silentLog,
  });
  // The rig's own methods stay those of the scripted one.
  rig = await createOutboxRig({ clock, adapter: metrics.counted(adapter, 'matrix') as ScriptedAdapter });
  source = { state: { state: 'subscribed' }, unreadableFrames: 2 };
  const mutes = createMutes({
    db: rig.store.db,
    isOurs: null,
    catalogue,
    onEnd: createMuteNotice({ links, masked: () => new Set() }),
    log: silentLog,
  });
  const inputs = { source, counts, lastEventAt: () => 1_500, rowsFetched: () => 9, failedReadings: () => 4 };
  const delivery = { outbox: rig.outbox, mutes, holdsFailed: () => 2 };
  const rooms = () => rig.outbox.workers.map(({ gate }) => gate.room.name);
  metrics.watch({ unit: 'everything', inputs, delivery }, { db: rig.store.db, clock, rooms });
});
afterEach(() => rig.stop());

const scrape = async (): Promise<Scrape> => parseScrape(await metrics.text());
/** Returns the values of these series; undefined if there is none. */
async function values(...names: string[]): Promise<(number | undefined)[]> {
  const found = await scrape();
  return names.map((name) => found.get(`lookout_${name}`));
}

describe('metrics', () => {
  it('are lines of the text format, each with help and type, units and totals in their names', async () => {
    await rig.deliver(anEvent({ id: 1 }));
    const text = await metrics.text();
    const found = parseScrape(text);
    expect(found.size).toBeGreaterThan(80);
    expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    const types = [...text.matchAll(/^# TYPE (lookout_\w+) (\w+)$/gm)].map(([, name = '', type]) => ({ name, type }));
    expect(types.filter(({ name, type }) => name.endsWith('_total') !== (type === 'counter'))).toEqual([]);
    expect([...found.keys()].some((name) => name.startsWith('process_cpu_seconds_total'))).toBe(true);
    expect([...found.keys()].some((name) => name.startsWith('nodejs_eventloop_lag_'))).toBe(true);
  });

  it('show the received events and the state of the source', async () => {
    for (const model of ['posts', 'posts', 'made_up', 'invented']) metrics.received(anEvent({ model }));
    metrics.received({ ...anEvent({}), origin: 'backfilled' });
    expect(
      await values(
        'events_received_total{model="posts",origin="live"}',
        'events_received_total{model="posts",origin="backfilled"}',
        'events_received_total{model="other",origin="live"}',
        'events_duplicate_total',
        'events_malformed_total',
        'events_failed_total',
        'events_lost_total',
        'condition_failures_total{of="subscription"}',
        'condition_failures_total{of="mute"}',
        'condition_failures_total{of="hold"}',
        'last_event_timestamp_seconds',
        'backfilled_rows_total',
        'source_unreadable_frames_total',
        'source_state{state="subscribed"}',
        'source_state{state="lost"}',
      ),
    ).toEqual([2, 1, 2, 4, 5, 6, 7, 8, 0, 2, 1.5, 9, 2, 1, 0]);
    source.state = { state: 'lost', since: 0, reason: 'x' };
    expect(await values('source_state{state="subscribed"}', 'source_state{state="lost"}')).toEqual([0, 1]);
  });

  it('show a broken room, its waiting deliveries, and that it works again', async () => {
    let isBroken = true;
    adapter.answerTo = ({ room }) =>
      room === '!a' && isBroken ? { outcome: 'roomBroken', reason: '403: no access' } : null;
    await rig.deliver(anEvent({ id: 1, receivedAt: rig.clock.now() }));
    await rig.deliver(anEvent({ id: 2, subject: 'post:2', receivedAt: rig.clock.now() }));
    await rig.clock.advance(60_000);
    const shown = ['room_broken{room="a"}', 'deliveries_waiting{room="a"}', 'oldest_waiting_age_seconds{room="a"}'];
    expect(await values(...shown)).toEqual([1, 2, 60]);
    expect(await values('room_broken{room="b"}', 'deliveries_waiting{room="b"}')).toEqual([0, 0]);
    isBroken = false;
    await rig.clock.advance(11 * 60_000);
    expect(await values(...shown)).toEqual([0, 0, 0]);
    expect(
      await values(
        'sends_total{platform="matrix",outcome="sent"}',
        'sends_total{platform="matrix",outcome="roomBroken"}',
        'deliveries_settled_total{state="sent"}',
        'deliveries_settled_total{state="muted"}',
      ),
    ).toEqual([2, 1, 2, 0]);
  });

  it('name a room with any name, on one line each, without characters that a terminal obeys', async () => {
    const name = 'a"} 1\nlookout_up 1\u001b[2J\u009b\u202e\\';
    await rig.store.db.updateTable('rooms').set({ name }).where('address', '=', 'matrix:!b').execute();
    adapter.answerTo = () => ({ outcome: 'notAccepted', waitMs: 60_000, scope: 'room', reason: '429' });
    await rig.deliver(anEvent({ id: 1 }), ['matrix:!b']);
    const said = await metrics.text();
    expect(obeyedIn(said)).toBeNull();
    expect(said).toContain(
      'lookout_deliveries_waiting{room="a\\"} 1␤lookout_up 1⟦U+001B⟧[2J⟦U+009B⟧⟦U+202E⟧\\\\"} 1\n',
    );
    const state = { state: 'lost', reason: 'a\u009b2J', since: 1 } as const;
    expect(causesOfUnreadiness({ sources: [{ name: 'x\u202e', state }], accounts: [] }).map(obeyedIn)).toEqual([null]);
  });

  it('show a room that never answers, and for how long', async () => {
    adapter.answerTo = () => ({ outcome: 'unknown', waitMs: 0, reason: 'time-out' });
    await rig.deliver(anEvent({ id: 1, receivedAt: rig.clock.now() }));
    await rig.clock.advance(300_000);
    const [waits = 0, waiting, age, answered = 0] = await values(
      'room_waiting_seconds{room="a"}',
      'deliveries_waiting{room="a"}',
      'oldest_waiting_age_seconds{room="a"}',
      'sends_total{platform="matrix",outcome="unknown"}',
    );
    expect([waits, waiting, age]).toEqual([300, 1, 300]);
    expect(answered).toBeGreaterThan(3);
    adapter.answerTo = () => null;
    await rig.clock.advance(600_000);
    expect(await values('room_waiting_seconds{room="a"}', 'deliveries_waiting{room="a"}')).toEqual([0, 0]);
  });

  it('measure how long sends take', async () => {
    const end = Promise.withResolvers<void>();
    adapter.answers.push(async () => {
      await end.promise;
      return { outcome: 'sent', platformId: '$1' };
    });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(700);
    end.resolve();
    await rig.clock.advance(0);
    const of = 'send_duration_seconds';
    expect(
      await values(
        `${of}_count{platform="matrix"}`,
        `${of}_sum{platform="matrix"}`,
        `${of}_bucket{le="0.5",platform="matrix"}`,
        `${of}_bucket{le="1",platform="matrix"}`,
      ),
    ).toEqual([1, 0.7, 0, 1]);
  });

  it('show gaps, their length, and which of them lost something', async () => {
    const names = ['gaps{lost="yes"}', 'gaps{lost="no"}', 'gaps_seconds{lost="yes"}', 'gaps_seconds{lost="no"}'];
    const last = ['last_gap_end_timestamp_seconds{lost="yes"}', 'last_gap_end_timestamp_seconds{lost="no"}'];
    expect(await values(...names, ...last)).toEqual([0, 0, 0, 0, undefined, undefined]);
    const { db } = rig.store;
    await noteGap(db, 'metasmoke', { from: 1_000, until: 61_000, reason: 'closed', lost: 'posts#update' });
    await noteGap(db, 'metasmoke', { from: 100_000, until: 110_000, reason: 'closed', lost: 'posts#update' });
    await noteGap(db, 'metasmoke', { from: 90_000, until: 93_500, reason: 'closed', lost: null });
    expect(await values(...names, ...last)).toEqual([2, 1, 70, 3.5, 110, 93.5]);
    // Overlapping gaps are one gap here, too.
    await noteGap(db, 'metasmoke', { from: 105_000, until: 120_000, reason: 'frozen', lost: 'posts#update' });
    expect(await values(...names, ...last)).toEqual([2, 1, 80, 3.5, 120, 93.5]);
  });

  it('show open gaps, since when, and how often fetching them failed', async () => {
    const names = ['gaps_open', 'oldest_open_gap_age_seconds', 'backfill_failures_total'];
    expect(await values(...names)).toEqual([0, 0, 4]);
    const { db } = rig.store;
    const until = rig.clock.now() - 60_000;
    await noteGap(db, 'metasmoke', { from: until - 100_000, until, reason: 'closed', lost: null });
    expect(await values(...names)).toEqual([1, 60, 4]);
    const reading = { from: until - 100_000, began: until, rows: 0, news: 0, lost: null };
    await noteReading(db, 'metasmoke', { reading: { ...reading, failed: 'posts: 503' }, now: rig.clock.now() });
    expect(await values(...names)).toEqual([1, 60, 4]);
    await noteReading(db, 'metasmoke', { reading: { ...reading, failed: null }, now: rig.clock.now() });
    expect(await values(...names)).toEqual([0, 0, 4]);
  });

  it('count dead letters by kind, and settled deliveries never backwards', async () => {
    adapter.answers.push({ outcome: 'rejected', reason: '50035' });
    await rig.deliver(anEvent({ id: 1 }));
    adapter.answers.push({ outcome: 'unknown', waitMs: 0, reason: '502' }, { outcome: 'rejected', reason: 'maybe' });
    await rig.deliver(anEvent({ id: 2, subject: 'post:2' }));
    await rig.clock.advance(60_000);
    const dead = [
      'dead_letters{kind="refused"}',
      'dead_letters{kind="maybe_sent"}',
      'dead_letters{kind="failed_event"}',
    ];
    const settled = ['dead', 'cancelled', 'sent'].map((state) => `deliveries_settled_total{state="${state}"}`);
    expect(await values(...dead, ...settled)).toEqual([1, 1, 0, 2, 0, 0]);
    const { db } = rig.store;
    const [first, second] = await listDeadLetters(db);
    // The same as `lookout outbox`, which is another process.
    await dropDeadLetter(db, second!.id, rig.clock.now());
    await retryDeadLetter(db, first!.id, rig.clock.now());
    rig.directory.wake([1, 2]);
    await rig.clock.advance(0);
    expect(await values(...dead, ...settled)).toEqual([0, 0, 0, 2, 1, 1]);
    await rig.clock.advance(10 * 60_000);
    expect(await values(...settled)).toEqual([2, 1, 1]);
    await rig.deliver(anEvent({ id: 3, subject: 'post:3' }));
    expect(await values(...settled)).toEqual([2, 1, 2]);
  });

  it('still show values from other parts while the store cannot be read', async () => {
    expect(await values('store_readable')).toEqual([1]);
    await rig.kill();
    await rig.store.close();
    expect(await values('store_readable', 'source_state{state="subscribed"}')).toEqual([0, 1]);
    rig = await createOutboxRig();
  });

  it('are read once for simultaneous requests', async () => {
    const [one, other] = [metrics.text(), metrics.text()];
    expect(other).toBe(one);
    await one;
    expect(metrics.text()).not.toBe(one);
    await metrics.text();
  });
});

it('a process that does not count in the store exports no counts, also after it did', async () => {
  const [clock, store] = [createTestClock(), await openStore(':memory:')];
  const one = createMetrics({
    ...{ accounts: ['matrix'], counters: [], catalogue, version: '1.2.3' },
    ...{ process, clock, log: silentLog },
  });
  const exported = async () => [...parseScrape(await one.text()).keys()];
  const counted = ['store_readable', 'deliveries_parked', 'gaps_open', 'oldest_open_gap_age_seconds'].map(
    (name) => `lookout_${name}`,
  );
  const isCount = (name: string) => /dead_letters|deliveries_|gaps|oldest_|store_/.test(name);
  expect((await exported()).filter(isCount)).toEqual([]);
  const leave = one.watch(
    { unit: 'leader', inputs: null, delivery: null },
    { db: store.db, clock, rooms: () => ['hq'] },
  );
  expect(await exported()).toEqual(expect.arrayContaining(counted));
  leave();
  expect((await exported()).filter(isCount)).toEqual([]);
  await store.close();
});

it('an account with a name has a label of its own', async () => {
  const clock = createTestClock();
  const two = createMetrics({
    ...{ accounts: ['matrix', 'matrix/eu'], counters: [], catalogue, version: '1.2.3' },
    ...{ process, clock, log: silentLog },
  });
  const signal = new AbortController().signal;
  await two.counted(createScriptedAdapter(), 'matrix/eu').send({ room: '!a', key: 'k', payload: 'p' }, signal);
  const lines = (await two.text()).split('\n').filter((one) => /^lookout_sends_total\{.*sent/.test(one));
  expect(lines).toEqual([
    'lookout_sends_total{platform="matrix",outcome="sent"} 0',
    'lookout_sends_total{platform="matrix",account="eu",outcome="sent"} 1',
  ]);
});

describe('readiness', () => {
  const causes = () =>
    causesOfUnreadiness({
      sources: [{ name: 'metasmoke', state: source.state }],
      accounts: rig.outbox.accounts.map(({ id, state }) => ({ id, state, connections: adapter.connections() })),
    });

  it('is given with a connected or idle source, and every account logged in', () => {
    expect(causes()).toEqual([]);
    source.state = { state: 'idle' };
    expect(causes()).toEqual([]);
  });

  it.each([
    [{ state: 'connecting' }, 'source: metasmoke, connecting'],
    [{ state: 'rejected' }, 'source: metasmoke, rejected'],
    [{ state: 'stopped' }, 'source: metasmoke, stopped'],
    [
      { state: 'lost', since: 0, reason: 'a\nb' },
      'source: no connection to metasmoke since 1970-01-01T00:00:00.000Z: a b',
    ],
    [{ state: 'stale', since: 0 }, 'source: no sign of life from metasmoke since 1970-01-01T00:00:00.000Z'],
  ] as const)('is not given with a source that is %j', (state, cause) => {
    source.state = state;
    expect(causes()).toEqual([cause]);
  });

  it('ends with a rejected account, not with a broken room, and returns when the account is accepted', async () => {
    adapter.answers.push({ outcome: 'roomBroken', reason: '403' });
    await rig.deliver(anEvent({ id: 1 }));
    expect(causes()).toEqual([]);
    adapter.loginResults.push({ outcome: 'accountBroken', reason: '401: no such token' });
    adapter.answers.push({ outcome: 'accountBroken', reason: '401: no such token' });
    await rig.deliver(anEvent({ id: 2 }), ['matrix:!b']);
    expect(causes()).toEqual(['matrix: accepts nothing from this account: 401: no such token']);
    expect(await values('account_ready{platform="matrix"}', 'account_broken{platform="matrix"}')).toEqual([0, 1]);
    await rig.clock.advance(11 * 60_000);
    expect(causes()).toEqual([]);
    expect(await values('account_ready{platform="matrix"}', 'account_broken{platform="matrix"}')).toEqual([1, 0]);
  });

  it('ends while one of several connections of an account is down', async () => {
    adapter.links.push(...[1, 2, 3].map((id) => ({ name: `shard ${id}`, isUp: id !== 2 })));
    expect(causes()).toEqual(['matrix: reads no commands on shard 2 (of 3)']);
    const gauge = (id: number) => `account_connection_up{platform="matrix",connection="shard ${id}"}`;
    expect(await values(gauge(1), gauge(2), gauge(3))).toEqual([1, 0, 1]);
    adapter.links.length = 0;
    expect(causes()).toEqual([]);
    expect(await metrics.text()).not.toContain('lookout_account_connection_up{');
  });
});
