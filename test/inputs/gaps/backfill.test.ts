import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseEventSpec } from '../../../src/catalogue/event-spec.ts';
import { directNetwork } from '../../../src/http/network.ts';
import { Backfill } from '../../../src/inputs/gaps/backfill.ts';
import type { Reading } from '../../../src/inputs/gaps/gap-rows.ts';
import type { Log } from '../../../src/log.ts';
import { createMetasmokeApi } from '../../../src/metasmoke/api/client.ts';
import { createListRows } from '../../../src/metasmoke/api/list-rows.ts';
import { createCatalogue } from '../../../src/metasmoke/catalogue.ts';
import { metasmoke } from '../../../src/metasmoke/metasmoke.ts';
import { noOptions } from '../../../src/router/subscription-options.ts';
import { upstreamOf } from '../../../src/router/upstream.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../../support/metasmoke-api.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

const minute = 60_000;

describe('the backfill', () => {
  let api: MetasmokeApiDouble;
  let clock: TestClock;
  let backfill: Backfill;
  let received: { event_type: string; event_class: string; object: Record<string, unknown> }[];
  let gaps: (number | null)[];
  let readings: Reading[];
  /** Number of times that rows were passed on; the next one takes until this resolves. */
  let handedOn: number;
  let committed: Promise<void>;
  /** Number of times that a reading cannot be stored. */
  let troubles: number;
  let known: Record<string, number>;
  let firstAt: number | null;
  let said: string[];
  let stopClient: () => void;

  beforeEach(async () => {
    api = await startMetasmokeApi();
    clock = createTestClock();
    received = [];
    gaps = [];
    readings = [];
    troubles = 0;
    handedOn = 0;
    committed = Promise.resolve();
    known = {};
    firstAt = null;
    said = [];
  });
  afterEach(async () => {
    stopClient();
    await backfill.stop();
    await api.stop();
  });

  function start(
    events = 'posts;feedbacks;deletion_logs;flag_logs;post_comments',
    key = new Secret(api.key, 'the test'),
  ): void {
    const at = (level: string) => (fields: object, text: string) =>
      void said.push(`${level} ${text} ${inspect(fields)}`);
    const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
    const catalogue = createCatalogue();
    const spec = parseEventSpec(events, catalogue);
    if (spec.outcome === 'problems') throw new Error(events);
    const client = createMetasmokeApi({
      api: api.url,
      key,
      network: directNetwork,
      clock,
    });
    stopClient = () => client.close();
    backfill = new Backfill({
      listRows: createListRows(client, (reason) => said.push(`fewer fields: ${reason}`)),
      catalogue,
      messageOf: metasmoke.messageOf,
      wanted: () =>
        upstreamOf(
          [{ id: 's', events: spec.spec, where: null, rooms: [], template: null, options: noOptions }],
          catalogue,
        ),
      newestBefore: async (model) => known[model] ?? null,
      firstHeardAt: async () => firstAt,
      async receive(messages, missedSince) {
        handedOn++;
        await committed;
        received.push(...(messages as typeof received));
        gaps.push(missedSince);
        return messages.length;
      },
      aheadMs: () => client.aheadMs,
      async onReading(reading) {
        if (troubles-- > 0) throw new Error('the store is away');
        readings.push(reading);
      },
      digestAfterMs: 60 * minute,
      maxAgeMs: 24 * 60 * minute,
      clock,
      log,
    });
  }

  const time = (ago: number) => new Date(clock.now() - ago).toISOString().replace(/\.\d+Z/, '.000Z');
  const post = (id: number, ago: number) => ({
    id,
    title: `Title ${id}`,
    body: 'b',
    created_at: time(ago),
    updated_at: time(ago),
  });
  const ids = (model: string) => received.filter((each) => each.event_class === model).map(({ object }) => object.id);

  /** Advances the clock until a condition is true that depends on sockets. */
  async function later(condition: () => boolean, stepMs = 50): Promise<void> {
    const started = performance.now();
    while (!condition()) {
      if (performance.now() - started > 8_000) throw new Error(`waited 8 s for: ${condition}, ${said}`);
      await clock.advance(stepMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const fetched = () => later(() => said.some((line) => line.includes('fetched all rows that the API has')));

  it('fetches nothing from before the first subscription', async () => {
    start('posts');
    firstAt = clock.now() - 2 * minute;
    api.tables.posts.push(post(1, 3 * minute), post(2, minute));
    backfill.recover(clock.now() - minute / 2);
    await fetched();
    expect(ids('Post')).toEqual([2]);
  });

  it('fetches a deletion that is dated back to a time before the gap, and what is listed behind it', async () => {
    start('posts;deletion_logs');
    const deletion = (id: number, madeAgo: number, toldAgo = madeAgo) => ({
      ...{ id, post_id: 1, is_deleted: true, created_at: time(madeAgo), updated_at: time(toldAgo) },
    });
    api.tables.posts.push(post(1, 20 * minute));
    const others = Array.from({ length: 99 }, (_, index) => deletion(100 + index, 10 * minute));
    // The one of the page's end is old by every time, and one before it was told in the gap.
    api.tables.deletion_logs.push(deletion(97, 90 * minute), deletion(98, 15 * minute));
    api.tables.deletion_logs.push(deletion(99, 90 * minute), ...others, deletion(200, 8 * 60 * minute, 9 * minute));
    backfill.recover(clock.now() - 60 * minute);
    await fetched();
    expect(ids('DeletionLog').toSorted()).toEqual([98, ...others.map(({ id }) => id), 200].toSorted());
    // It is told after its report nevertheless.
    expect(received[0]?.event_class).toBe('Post');
  });

  it('fetches every requested model that the API lists, in the order of the events', async () => {
    start();
    api.tables.posts.push(post(1, 90 * minute), post(3, 20 * minute), post(2, 30 * minute));
    api.tables.feedbacks.push({
      id: 7,
      post_id: 2,
      feedback_type: 'tpu-',
      user_name: 'x',
      created_at: time(29 * minute),
    });
    api.tables.deletion_logs.push({ id: 8, post_id: 2, is_deleted: true, created_at: time(10 * minute) });
    api.tables.post_comments.push({ id: 9, post_id: 2, text: 't', created_at: time(11 * minute) });
    api.tables.flag_logs.push({ id: 5, post_id: 2, success: true, is_auto: true, created_at: time(28 * minute) });
    backfill.recover(clock.now() - 40 * minute);
    await fetched();
    expect(received.map(({ event_type, event_class, object }) => `${event_class}#${event_type} ${object.id}`)).toEqual([
      'Post#create 2',
      'Feedback#create 7',
      'FlagLog#create 5',
      'Post#create 3',
      'PostComment#create 9',
      'DeletionLog#create 8',
    ]);
    expect(received[0]?.object).toMatchObject({ title: 'Title 2', body: 'b' });
    expect(received[2]?.object).toMatchObject({ id: 5, post_id: 2, success: true, is_auto: true });
  });

  it('uses the clock of the server if ours is two days ahead of it', async () => {
    clock = createTestClock(Date.now() + 2 * 24 * 60 * minute);
    start('posts#create');
    const served = (id: number, ago: number) => ({ ...post(id, ago + 2 * 24 * 60 * minute) });
    api.tables.posts.push(served(1, 60 * minute), served(2, 4 * minute));
    backfill.recover(clock.now() - 5 * minute);
    await fetched();
    expect(ids('Post')).toEqual([2]);
  });

  it('passes on a long gap as a whole, and rows that the API listed later as no gap', async () => {
    start('posts#create');
    api.tables.posts.push(post(1, 90 * minute));
    const from = clock.now() - 100 * minute;
    backfill.recover(from);
    await fetched();
    await later(() => gaps.length === 3);
    expect(gaps).toEqual([from, null, null]);
    said.length = 0;
    backfill.recover(clock.now() - 20 * minute);
    await fetched();
    expect(gaps[3]).toBeNull();
  });

  it('fetches nothing without subscriptions', async () => {
    start('posts#update;feedbacks#create');
    backfill.recover(clock.now() - 40 * minute);
    await fetched();
    expect(api.seen.filter((line) => line.includes('v2.0')).every((line) => line.includes('feedbacks'))).toBe(true);
  });

  it('reads page by page, and also finds rows when others are deleted in between', async () => {
    start('posts#create');
    for (let id = 1; id <= 420; id++) api.tables.posts.push(post(id, (421 - id) * 5_000));
    let pages = 0;
    api.onRequest = (line) => {
      if (!line.includes('v2.0/posts') || ++pages !== 2) return;
      // The rows behind move up: the first row of the second page is now the last of the first page.
      api.tables.posts = api.tables.posts.filter(({ id }) => Number(id) < 400 || Number(id) > 410);
    };
    backfill.recover(clock.now() - 60 * minute);
    await fetched();
    const left = api.tables.posts.map(({ id }) => id);
    expect(ids('Post')).toEqual(expect.arrayContaining(left));
    expect(new Set(ids('Post')).size).toBe(received.length);
  });

  it('reads again from five minutes before, and once more a little later, for rows that the API did not list yet', async () => {
    start('posts#create');
    api.tables.posts.push(post(1, 44 * minute), post(2, 46 * minute));
    backfill.recover(clock.now() - 40 * minute);
    await fetched();
    expect(ids('Post')).toEqual([1]);
    api.tables.posts.push(post(3, 1_000));
    await later(() => ids('Post').includes(3));
    await later(() => !backfill.running);
    expect(ids('Post').filter((id) => id === 3)).toHaveLength(2);
  });

  it('compares ids if the API does not list its fields', async () => {
    start('posts#create');
    known.posts = 10;
    const html = '<!DOCTYPE html><html>please log in</html>';
    api.always(/filter_fields/, { status: 401, body: html });
    for (const id of [9, 10, 11, 12]) api.tables.posts.push(post(id, minute));
    backfill.recover(clock.now() - 40 * minute);
    await fetched();
    expect(ids('Post')).toEqual([11, 12]);
    expect(received[0]?.object.body).toBeUndefined();
    backfill.recover(clock.now());
    await later(() => said.filter((line) => line.includes('fetched all rows')).length === 2);
    expect(said.filter((line) => line.includes('fewer fields'))).toEqual([expect.stringContaining('401')]);
  });

  it('fetches one model although another fails, and logs that', async () => {
    start();
    api.always(/graphql/, { status: 403, body: '<html>log in</html>' });
    api.always(/v2\.0\/feedbacks/, { status: 500, body: '<html>sorry</html>' });
    api.tables.posts.push(post(1, minute));
    backfill.recover(clock.now() - 2 * minute);
    await later(() => readings.length === 1);
    expect(ids('Post')).toEqual([1]);
    expect(said.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringMatching(/could not fetch all feedbacks since .*: the API answered 500.*; retrying in 15 s/),
      expect.stringMatching(/could not fetch all flag_logs since .*: the API answered 403.*; retrying in 15 s/),
    ]);
    expect(api.seen.filter((line) => line.includes('feedbacks')).length).toBe(4);
  });

  it.each<[string, number, unknown]>([
    ['503', 503, '<html>unavailable</html>'],
    ['500 as JSON', 500, { error: 'x' }],
    ['an error', 200, { error: 'the database is away' }],
    ['nothing', 200, {}],
    ['a number for rows', 200, { items: 5 }],
    ['rows, and not whether there is more', 200, { items: [] }],
    ['no rows, though there is more', 200, { items: [], has_more: true }],
    ['rows that are none', 200, { items: [7], has_more: false }],
    ['rows of no time', 200, { items: [{ id: 3, created_at: 5 }], has_more: false }],
    ['a list', 200, []],
    ['a page for people', 200, '<!DOCTYPE html><html>'],
    ['a refusal', 403, { name: 'x', detail: 'y' }],
    ['not found', 404, '<html>no such page</html>'],
  ])('retries until the API gives a usable answer, if it answers %s', async (_, status, body) => {
    start('posts#create');
    api.tables.posts.push(post(1, minute));
    const back = api.always(/v2\.0/, { status, body });
    backfill.recover(clock.now() - 2 * minute);
    await later(() => readings.length === 3);
    expect(readings.every(({ failed }) => failed?.startsWith('posts: ') ?? false)).toBe(true);
    expect(received).toEqual([]);
    back();
    await fetched();
    expect(ids('Post')).toEqual([1]);
    expect(readings.at(-1)).toMatchObject({ failed: null, lost: null, rows: 1 });
  });

  it.each([
    ['an error', { error: 'x' }],
    ['no data', { data: null }],
    ['data without flag logs', { data: {} }],
    ['flag logs that are none', { data: { flag_logs: [null] } }],
    ['one flag log', { data: { flag_logs: { id: '1' } } }],
  ])('retries if GraphQL answers with %s', async (_, body) => {
    start('flag_logs#create');
    api.tables.flag_logs.push({ id: 5, post_id: 2, success: true, is_auto: true, created_at: time(minute) });
    backfill.recover(clock.now() - 2 * minute);
    await fetched();
    expect(ids('FlagLog')).toEqual([5]);
    // The fields are known now.
    readings.length = 0;
    const back = api.always(/graphql/, { status: 200, body });
    backfill.recover(clock.now() - 3 * minute);
    await later(() => readings.length === 2);
    expect(readings.map(({ failed }) => failed)).not.toContain(null);
    back();
    await later(() => readings.at(-1)?.failed === null);
  });

  it('retries if one page in the middle fails', async () => {
    start('posts#create');
    for (let id = 1; id <= 250; id++) api.tables.posts.push(post(id, (251 - id) * 1_000));
    const back = api.always(/page=2/, { status: 200, body: { items: 5 } });
    backfill.recover(clock.now() - 10 * minute);
    await later(() => readings.length === 1);
    expect(readings[0]).toMatchObject({ rows: 100, failed: expect.stringContaining('posts: the API answered 200') });
    back();
    await fetched();
    expect(new Set(ids('Post')).size).toBe(250);
  });

  it('retries with delays that grow to ten minutes, up to the configured age', async () => {
    start('posts#create');
    api.always(/v2\.0/, { status: 403, body: {} });
    const at: number[] = [];
    const startedAt = clock.now();
    backfill.recover(clock.now() - minute);
    for (let n = 1; n <= 9; n++) {
      await later(() => readings.length === n);
      at.push(Math.round((clock.now() - startedAt) / 1_000));
    }
    const waits = at.slice(1).map((second, index) => second - (at[index] ?? 0));
    for (const [index, wait] of [15, 30, 60, 120, 240, 480, 600, 600].entries())
      expect(Math.abs((waits[index] ?? 0) - wait)).toBeLessThan(3);
    await later(() => clock.now() - startedAt > 24 * 60 * minute, 5 * minute);
    await later(() => !backfill.running, minute);
    expect(readings.length).toBeLessThan(160);
  });

  it('in the end requests only the models that failed', async () => {
    start('posts#create;feedbacks#create');
    const back = api.always(/feedbacks/, { status: 403, body: {} });
    backfill.recover(clock.now() - minute);
    await later(() => readings.length === 7);
    const before = api.seen.length;
    await later(() => readings.length === 9);
    expect(api.seen.slice(before).every((line) => line.includes('feedbacks'))).toBe(true);
    back();
    await later(() => readings.at(-1)?.failed === null);
  });

  it('fetches a new gap at once together with one that waits for its next attempt', async () => {
    start('posts#create');
    api.tables.posts.push(post(1, 20 * minute));
    const back = api.always(/v2\.0/, { status: 403, body: {} });
    const from = clock.now() - 30 * minute;
    backfill.recover(from);
    await later(() => readings.length === 6);
    back();
    const before = clock.now();
    backfill.recover(clock.now());
    await fetched();
    expect(ids('Post')).toEqual([1]);
    expect(readings.at(-1)).toMatchObject({ from, failed: null });
    expect(clock.now() - before).toBeLessThan(10_000);
  });

  it('reads from the beginning of the gap even if the clock is set back before the next attempt', async () => {
    start('posts#create');
    api.tables.posts.push(post(1, minute));
    const back = api.always(/v2\.0/, { status: 403, body: {} });
    backfill.recover(clock.now() - 2 * minute);
    await later(() => readings.length === 1);
    // The clock was a day ahead before, and is right now; rows are dated by the server.
    clock.set(-24 * 60 * minute);
    api.tables.posts = api.tables.posts.map((row) => ({
      ...row,
      created_at: new Date(Date.parse(String(row.created_at)) - 24 * 60 * minute).toISOString(),
    }));
    back();
    await fetched();
    expect(ids('Post')).toEqual([1]);
  });

  it('retries if the rows have no time, and no id is known', async () => {
    start('posts#create');
    const back = api.always(/filter_fields/, { status: 503, body: 'x' });
    api.tables.posts.push(post(1, minute));
    backfill.recover(clock.now() - 2 * minute);
    await later(() => readings.length === 1);
    expect([readings[0]?.failed, received]).toEqual(['posts: the API does not return the times of its rows', []]);
    back();
    await fetched();
    expect(ids('Post')).toEqual([1]);
  });

  it('gives up a model with too many rows', async () => {
    start('posts#create;feedbacks#create');
    for (let id = 1; id <= 10_001; id++) api.tables.posts.push(post(id, minute));
    const back = api.always(/feedbacks/, { status: 403, body: {} });
    backfill.recover(clock.now() - 2 * minute);
    await later(() => readings.length === 1);
    const pages = () => api.seen.filter((line) => line.includes('v2.0/posts')).length;
    const before = pages();
    back();
    await fetched();
    expect(pages()).toBe(before);
    expect(readings.at(-1)).toMatchObject({
      failed: null,
      lost: 'posts: there are more than 10000 rows',
      rows: 10_000,
    });
  });

  it('retries if the rows could not be stored or noted', async () => {
    start('posts#create');
    api.tables.posts.push(post(1, minute));
    troubles = 3;
    backfill.recover(clock.now() - 2 * minute);
    await fetched();
    expect(ids('Post').length).toBeGreaterThan(0);
    expect(said.filter((line) => line.includes('could not fetch missed events'))).toHaveLength(3);
  });

  it('fetches a new gap at once while it waits for rows that the API did not list yet', async () => {
    start('posts#create');
    backfill.recover(clock.now() - minute);
    await fetched();
    api.tables.posts.push(post(5, 0));
    const before = clock.now();
    backfill.recover(clock.now());
    await later(() => ids('Post').includes(5));
    expect(clock.now() - before).toBeLessThan(10_000);
  });

  it('logs that rows older than the configured age are lost', async () => {
    start('posts#create');
    api.tables.posts.push(post(1, 23 * 60 * minute), post(2, 25 * 60 * minute));
    backfill.recover(clock.now() - 48 * 60 * minute);
    await fetched();
    expect(ids('Post')).toEqual([1]);
    expect(said[0]).toMatch(/^warn events before .* are lost/);
    expect(readings.at(-1)?.lost).toMatch(/^events before 2026-01-01T.* are not fetched \(source.backfill.max_age\)$/);
  });

  it('reveals the key nowhere, and does not repeat requests with a wrong key', async () => {
    start('posts#create', new Secret('not-the-key', 'the test'));
    backfill.recover(clock.now() - 40 * minute);
    await later(() => readings.length === 1);
    expect(said.join('\n')).toContain('The API key is not known');
    expect(said.join('\n')).not.toContain('not-the-key');
    expect(api.seen.filter((line) => line.includes('v2.0'))).toHaveLength(1);
  });

  it('reads the file of a key that is refused again, and goes on with the one that it has by now', async () => {
    start('posts#create', new Secret('not-the-key', 'the test', { name: 'smoke.key', read: () => api.key }));
    api.tables.posts.push(post(1, 10 * minute));
    backfill.recover(clock.now() - 40 * minute);
    await fetched();
    expect(ids('Post')).toEqual([1]);
  });

  it('stops at once when Lookout stops, at any point', async () => {
    start('posts#create');
    api.always(/v2\.0/, { status: 500, body: 'x' });
    backfill.recover(clock.now() - 40 * minute);
    await later(() => api.seen.some((line) => line.includes('v2.0')));
    await backfill.stop();
    expect(clock.pending).toBe(0);
    expect(received).toEqual([]);
  });

  it('notes no reading if Lookout stops before its rows are committed', async () => {
    start('posts#create');
    const commit = Promise.withResolvers<void>();
    committed = commit.promise;
    backfill.recover(clock.now() - 2 * minute);
    await later(() => handedOn === 1);
    const stopped = backfill.stop();
    commit.resolve();
    await stopped;
    expect(readings).toEqual([]);
  });
});
