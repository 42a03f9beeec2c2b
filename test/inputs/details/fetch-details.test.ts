import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import type { Pipeline } from '../../../src/ingest/pipeline.ts';
import { createDetails, type Details } from '../../../src/inputs/details/fetch-details.ts';
import type { Log } from '../../../src/log.ts';
import { pruneBatch } from '../../../src/outbox/rows/prune.ts';
import { storeRooms } from '../../../src/outbox/rows/rooms.ts';
import { createRouter } from '../../../src/router/router.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { readDetails } from '../../../src/subject-rows/read-details.ts';
import { read } from '../../config/config-files.ts';
import { type MetasmokeApiDouble, type Row, startMetasmokeApi } from '../../support/metasmoke-api.ts';
import { stateOf } from '../../support/outbox-rig.ts';
import { createTestPipeline } from '../../support/pipeline-rig.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';
import { advanceUntil } from '../../support/until.ts';

const second = 1_000;
const minute = 60 * second;

let api: MetasmokeApiDouble;
let clock: TestClock;
let config: Config;
let store: Store;
let pipeline: Pipeline;
let details: Details;
let woken: number[];
let said: string[];
/** The times of the requests by the test's clock. */
let asked: { readonly at: number; readonly line: string }[];

beforeEach(async () => {
  api = await startMetasmokeApi();
  clock = createTestClock();
  store = await openStore(':memory:');
  said = [];
  woken = [];
  asked = [];
  api.onRequest = (line) => void asked.push({ at: clock.monotonic(), line });
  api.tables.sites.push({ id: 4, site_name: 'Ask Different', site_domain: 'apple.stackexchange.com', site_logo: null });
  api.tables.reasons.push({ id: 1, reason_name: 'bad word', weight: 80 }, { id: 2, reason_name: 'link', weight: 15 });
  api.tables.users.push({ id: 70, username: 'Flag Er' });
  await start();
});
afterEach(async () => {
  await stop();
  await store.close();
  await api.stop();
});

async function start({ perMinute = 20 } = {}): Promise<void> {
  const yaml = [
    `source: { url: "wss://x.example/cable", key: k, api: "${api.url}", details: { per_minute: ${perMinute} } }`,
    'store: memory',
    'subscriptions: [{ events: posts#create, rooms: "console:here", card: true }]',
  ].join('\n');
  config = read(`${yaml}\n`.replace('key: k', `key: ${api.key}`)).config as Config;
  const { db } = store;
  const rooms = await storeRooms(db, config.rooms);
  const at = (level: string) => (_: object, text: string) => void said.push(`${level}: ${text}`);
  const log: Log = { debug: () => {}, info: at('info'), warn: at('warn'), error: at('error') };
  pipeline = createTestPipeline(store, clock, {
    catalogue: config.catalogue,
    router: createRouter(config.subscriptions),
    roomId: () => rooms[0]?.id,
    log,
    hasApi: true,
    wake: (ids) => {
      woken.push(...ids);
      details.look();
    },
  });
  details = createDetails({ config, db, pipeline, wake: (ids) => woken.push(...ids), clock, log });
  details.start();
}

async function stop(): Promise<void> {
  const stopped = Promise.all([details.stop(), pipeline.stop(AbortSignal.abort())]);
  await clock.advance(0);
  await stopped;
}

const time = (agoMs = 0) => new Date(clock.now() - agoMs).toISOString().replace(/\.\d+Z/, '.000Z');
const post = (id: number, more: Row = {}) => ({
  ...{ id, title: `T${id}`, link: `//apple.stackexchange.com/q/${id}`, site_id: 4, deleted_at: null },
  ...{ created_at: time(), updated_at: time(), ...more },
});
const known = (id: number, more: Row = {}) => api.tables.posts.push(post(id, { reason_ids: [1, 2], ...more }));
const hear = async (eventClass: string, object: object, type = 'create') => {
  pipeline.receive({ event_type: type, event_class: eventClass, object });
  await pipeline.idle();
};
const detailsOf = async (id: number) => readDetails(store.db, `post:${id}`, await stateOf(store.db, `post:${id}`));
const wanted = () => store.db.selectFrom('wanted_details').select(['subject', 'names', 'tries', 'due_at']).execute();
const deliveries = () => store.db.selectFrom('deliveries').select(['subject']).execute();
const untilHad = (id: number) => advanceUntil(clock, async () => (await detailsOf(id)).reasons !== null);
const untilNothingIsWanted = (stepMs = 50) => advanceUntil(clock, async () => (await wanted()).length === 0, stepMs);

const addCard = () =>
  store.db
    .insertInto('cards')
    .values({
      ...{ room_id: 1, subject: 'post:1', state: 'open', subscription: 's', template: null, options: '{}' },
      ...{ message_id: null, slot: null, due_at: null, answers: null, created_at: clock.now() },
    })
    .execute();

describe('a post that appears', () => {
  it('is fetched at once: its site, reasons and weights, and who flagged it', async () => {
    known(1);
    api.tables.flag_logs.push({ id: 31, post_id: 1, user_id: 70, success: true, is_auto: true });
    await hear('Post', post(1));
    woken = [];
    await untilHad(1);
    expect(await detailsOf(1)).toEqual({
      site: { name: 'Ask Different', domain: 'apple.stackexchange.com', logo: null },
      reasons: [
        { name: 'bad word', weight: 80 },
        { name: 'link', weight: 15 },
      ],
      flaggers: { 31: 'Flag Er' },
    });
    expect((await stateOf(store.db, 'post:1')).flags).toMatchObject([{ id: '31', kind: 'auto' }]);
    expect(await wanted()).toEqual([]);
    // One request for the fields, one for the post; the fetched rows are not sent to any room.
    expect([asked.length, (await deliveries()).length]).toEqual([2, 1]);
  });

  it('is fetched again if the API does not list it yet', async () => {
    await hear('Post', post(1));
    await advanceUntil(clock, async () => (await wanted())[0]?.tries === 2);
    known(1);
    await untilHad(1);
    expect([await wanted(), said]).toEqual([[], []]);
  });

  it('is given up if the API never lists it', async () => {
    const began = clock.monotonic();
    await hear('Post', post(1));
    await untilNothingIsWanted(second);
    const seconds = asked.slice(1).map(({ at }) => (at - began) / second);
    const waits = seconds.map((at, index) => at - (seconds[index - 1] ?? 0));
    expect(waits).toHaveLength(5);
    for (const [index, wait] of [0, 5, 15, 60, 300].entries())
      expect(Math.abs((waits[index] ?? 0) - wait)).toBeLessThan(5);
    expect(said).toEqual([]);
  });

  it('is fetched over REST if GraphQL refuses, which is logged once', async () => {
    api.always(/graphql/, { status: 403, body: '<html>' });
    for (const id of [1, 2]) known(id);
    api.tables.feedbacks.push({ id: 21, post_id: 1, feedback_type: 'tpu-', user_name: 'V', created_at: time() });
    api.tables.flag_logs.push({ id: 31, post_id: 1, user_id: 70, success: true, is_auto: true });
    await hear('Post', post(1));
    await hear('FlagLog', { id: 31, post_id: 1, user_id: 70, success: true, is_auto: true });
    await untilHad(1);
    await hear('Post', post(2));
    await untilHad(2);
    expect((await detailsOf(2)).site?.name).toBe('Ask Different');
    expect((await detailsOf(1)).flaggers).toEqual({ 31: 'Flag Er' });
    expect((await stateOf(store.db, 'post:1')).votes).toMatchObject([{ verdict: 'tp', by: 'V' }]);
    expect(said.filter((line) => line.includes('GraphQL'))).toHaveLength(1);
  });

  it('keeps its details while the API is down, which is logged once, and is fetched when the API is back', async () => {
    const back = api.always(/./, { status: 502, body: '<html>bad gateway' });
    known(1);
    await hear('Post', post(1));
    await advanceUntil(clock, () => asked.length >= 6, second);
    expect((await deliveries()).length).toBe(1);
    expect(said).toEqual([expect.stringContaining('cards are shown without them for now: the API answered 502')]);
    back();
    await advanceUntil(clock, async () => (await detailsOf(1)).reasons !== null, 10 * second);
    expect(said.slice(1)).toEqual(['info: fetching details of posts works again']);
  });

  it.each([
    ['an error', { error: 'the database is away' }],
    ['nothing', {}],
    ['a number for rows', { items: 5 }],
  ])('is requested again until the API gives a usable answer, if it answers with %s', async (_, body) => {
    known(1);
    const back = api.always(/v2.0|graphql/, { status: 200, body });
    await hear('Post', post(1));
    await advanceUntil(clock, () => asked.length >= 16, 5 * second);
    expect(await wanted()).toHaveLength(1);
    back();
    await advanceUntil(clock, async () => (await detailsOf(1)).reasons !== null, 10 * second);
  });

  it('is requested for hours if one part of it is not available', async () => {
    api.always(/graphql/, { status: 403, body: '<html>' });
    const back = api.always(/reasons/, { status: 500, body: '<html>' });
    known(1);
    await hear('Post', post(1));
    await advanceUntil(clock, async () => ((await wanted())[0]?.tries ?? 0) >= 6, 20 * second);
    back();
    await advanceUntil(clock, async () => (await detailsOf(1)).reasons !== null, 20 * second);
  });

  it('is requested after a restart', async () => {
    await hear('Post', post(1));
    await advanceUntil(clock, async () => (await wanted())[0]?.tries === 1);
    await stop();
    known(1);
    await clock.advance(minute);
    expect((await detailsOf(1)).reasons).toBeNull();
    await start();
    await untilHad(1);
  });
});

describe('requests', () => {
  it('never exceed the configured number per minute', async () => {
    await stop();
    await start({ perMinute: 5 });
    api.always(/graphql/, { status: 403, body: '<html>' });
    for (let id = 1; id <= 8; id++) {
      known(id);
      await hear('Post', post(id));
    }
    await advanceUntil(clock, () => asked.length > 22, 200);
    // They arrive a moment after they were sent.
    const within = minute - 2 * second;
    const most = Math.max(...asked.map(({ at }) => asked.filter((one) => one.at >= at && one.at < at + within).length));
    expect(most).toBe(5);
  });

  it('are few for many posts', async () => {
    for (let id = 1; id <= 40; id++) {
      known(id);
      pipeline.receive({ event_type: 'create', event_class: 'Post', object: post(id) });
    }
    await untilNothingIsWanted();
    expect(asked.length).toBeLessThanOrEqual(6);
  });
});

describe('an event about an unknown post', () => {
  const feedback = (id: number, postId: number) => ({ id, post_id: postId, feedback_type: 'tpu-', updated_at: time() });

  it('has its post fetched, which is then sent to the rooms as if it had been received', async () => {
    known(7, { body: 'B' });
    await hear('Feedback', feedback(1, 7));
    await advanceUntil(clock, async () => (await deliveries()).length === 1);
    expect((await stateOf(store.db, 'post:7')).votes).toHaveLength(1);
    await untilNothingIsWanted();
    await hear('Post', post(7));
    expect([pipeline.counts.duplicate, (await deliveries()).length]).toEqual([1, 1]);
  });

  it('has an old post stored, which is not sent to any room', async () => {
    known(7, { created_at: time(48 * 60 * minute), updated_at: time(48 * 60 * minute) });
    await hear('Feedback', feedback(1, 7));
    await untilHad(7).catch(() => {});
    expect((await stateOf(store.db, 'post:7')).title).toBe('T7');
    expect(await deliveries()).toEqual([]);
    // The post is known from now on.
    await untilNothingIsWanted();
    await hear('Feedback', feedback(2, 7));
    expect(await wanted()).toEqual([]);
  });

  it('fetches nothing if the post arrived in between', async () => {
    await hear('FlagLog', { id: 1, post_id: 7, success: false });
    expect(await wanted()).toMatchObject([{ names: '["post"]', due_at: clock.now() + 5 * second }]);
    await clock.advance(second);
    await hear('Post', post(7), 'update');
    await untilNothingIsWanted(second);
    expect(asked).toEqual([]);
  });
});

describe('known details', () => {
  it('are deleted with their post, unless a card shows it', async () => {
    known(1);
    await hear('Post', post(1));
    await untilHad(1);
    const { db } = store;
    await pruneBatch(db, { cutoff: clock.now(), firstKept: Number.MAX_SAFE_INTEGER });
    expect((await detailsOf(1)).reasons).not.toBeNull();
    await clock.advance(minute);
    await pruneBatch(db, { cutoff: clock.now(), firstKept: Number.MAX_SAFE_INTEGER });
    expect((await detailsOf(1)).reasons).toBeNull();
  });

  it('include the user of a flag that came later', async () => {
    known(1);
    await hear('Post', post(1));
    await untilHad(1);
    await hear('FlagLog', { id: 31, post_id: 1, user_id: 70, success: true, is_auto: true, created_at: time() });
    await clock.advance(6 * second);
    // At first the row is not there.
    await advanceUntil(clock, async () => (await wanted())[0]?.tries === 1);
    api.tables.flag_logs.push({ id: 31, post_id: 1, user_id: 70, success: true, is_auto: true });
    await advanceUntil(clock, async () => (await detailsOf(1)).flaggers[31] === 'Flag Er', second);
    expect(await wanted()).toEqual([]);
  });

  it('are refreshed by a fetched row with more columns, which is not sent to any room, and a later create is routed', async () => {
    const [old, now] = [post(1), post(1, { deleted_at: time(), updated_at: time(-second) })];
    await hear('Post', old);
    await clock.advance(0);
    woken = [];
    for (const row of [old, now, now])
      pipeline.receive({ event_type: 'create', event_class: 'Post', object: row }, 'backfilled');
    await pipeline.idle();
    expect((await stateOf(store.db, 'post:1')).fate).toBe('deleted');
    expect((await deliveries()).length).toBe(1);
    const rows = await store.db.selectFrom('events').select(['type', 'origin']).where('model', '=', 'posts').execute();
    expect(rows).toEqual([
      { type: 'create', origin: 'live' },
      { type: 'update', origin: 'backfilled' },
    ]);
  });

  it('include the votes if the API answers without a list of them', async () => {
    known(1);
    await hear('Post', post(1));
    await hear('Feedback', { id: 5, post_id: 1, feedback_type: 'fp-', user_id: 9, created_at: time() });
    await untilHad(1);
    await clock.advance(30 * minute);
    api.always(/graphql/, { status: 403, body: '<html>' });
    api.always(/feedbacks\/post/, { status: 200, body: {} });
    await addCard();
    await details.refresh();
    await advanceUntil(clock, async () => (await wanted())[0]?.tries === 1);
    expect(asked.some(({ line }) => line.includes('feedbacks/post'))).toBe(true);
    expect((await stateOf(store.db, 'post:1')).votes.map(({ id }) => id)).toEqual(['5']);
  });

  it('are fetched again after a gap: a vote that was taken back, a deletion', async () => {
    known(1);
    await hear('Post', post(1));
    await hear('Feedback', { id: 5, post_id: 1, feedback_type: 'fp-', user_id: 9, created_at: time() });
    await untilHad(1);
    await addCard();
    await clock.advance(30 * minute);
    api.tables.posts = [post(1, { deleted_at: time(minute), updated_at: time(), reason_ids: [1] })];
    api.tables.feedbacks.push({ id: 6, post_id: 1, feedback_type: 'tpu-', user_name: 'V', created_at: time() });
    await details.refresh();
    await untilNothingIsWanted();
    const state = await stateOf(store.db, 'post:1');
    expect(state.votes.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['6 tp']);
    expect(state.fate).toBe('deleted');
    // A later event of the source takes effect again.
    const again = {
      id: 5,
      post_id: 1,
      feedback_type: 'fp-',
      user_id: 9,
      is_invalidated: false,
      updated_at: time(-second),
    };
    await hear('Feedback', again, 'update');
    expect((await stateOf(store.db, 'post:1')).votes).toHaveLength(2);
  });
});
