import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { dueDetails } from '../../../src/ingest/details/wanted-details.ts';
import { pruneBatch } from '../../../src/outbox/rows/prune.ts';
import { readDetails } from '../../../src/subject-rows/read-details.ts';
import { type MetasmokeApiDouble, type Row, startMetasmokeApi } from '../../support/metasmoke-api.ts';
import { stateOf } from '../../support/outbox-rig.ts';
import { createTestApp, type TestApp } from '../../support/test-app.ts';

const second = 1_000;
const minute = 60 * second;

let api: MetasmokeApiDouble;
let app: TestApp;
/** When each request came, by the test's clock. */
let asked: { readonly at: number; readonly line: string }[];

beforeEach(async () => {
  api = await startMetasmokeApi('secret-key');
  onTestFinished(() => api.stop());
  asked = [];
  api.onRequest = (line) => void asked.push({ at: app.clock.monotonic(), line });
  api.tables.sites.push({ id: 4, site_name: 'Ask Different', site_domain: 'apple.stackexchange.com', site_logo: null });
  api.tables.reasons.push({ id: 1, reason_name: 'bad word', weight: 80 }, { id: 2, reason_name: 'link', weight: 15 });
  api.tables.users.push({ id: 70, username: 'Flag Er' });
  await start();
});

async function start({
  perMinute = 20,
  store = 'memory',
  config = 'subscriptions: [{ events: posts#create, rooms: "matrix:!here:a.org", card: true }]',
}: {
  readonly perMinute?: number;
  readonly config?: string;
  readonly store?: 'memory' | 'file';
} = {}): Promise<void> {
  app = await createTestApp({
    config,
    source: `api: "${api.url}", details: { per_minute: ${perMinute} }`,
    store,
  });
}

const time = (agoMs = 0) => new Date(app.clock.now() - agoMs).toISOString().replace(/\.\d+Z/, '.000Z');
const post = (id: number, more: Row = {}) => ({
  ...{ id, title: `T${id}`, link: `//apple.stackexchange.com/q/${id}`, site_id: 4, deleted_at: null },
  ...{ created_at: time(), updated_at: time(), ...more },
});
const known = (id: number, more: Row = {}) => api.tables.posts.push(post(id, { reason_ids: [1, 2], ...more }));
const hear = (eventClass: string, object: object, type = 'create') =>
  app.hear({ event_type: type, event_class: eventClass, object });
const detailsOf = async (id: number) => readDetails(app.db, `post:${id}`, await stateOf(app.db, `post:${id}`));
const wanted = () => app.db.selectFrom('wanted_details').select(['subject', 'names', 'tries', 'due_at']).execute();
const deliveries = () => app.db.selectFrom('deliveries').select(['subject']).execute();
const untilHad = (id: number, stepMs = 50) =>
  app.listenUntil(async () => (await detailsOf(id)).reasons !== null, stepMs);
const untilNothingIsWanted = () => app.listenUntil(async () => (await wanted()).length === 0, second);
/** The lines of the log that are about details, or that warn. */
const said = () => app.said.filter((line) => /^(?:warn|error)|details of posts/.test(line));

describe('the list of sites', () => {
  const siteOf = async (subject: string) => {
    const row = await app.db.selectFrom('events').select('object').where('subject', '=', subject).executeTakeFirst();
    return (JSON.parse(row?.object ?? '{}') as Row).site;
  };
  const readings = () => asked.filter(({ line }) => line.includes('v2.0/sites')).length;

  it('is fetched, and names the site of a post by its id', async () => {
    const link = '//other.stackexchange.com/q/1';
    await hear('Post', post(1, { link, site_id: 5 }));
    expect(await siteOf('post:1')).toBe('other.stackexchange.com');
    api.tables.sites.push({ id: 5, site_name: 'New', site_domain: 'new.stackexchange.com', site_logo: null });
    await app.listenUntil(() => readings() > 0, minute);
    await app.listenUntil(async () => (await app.db.selectFrom('sites').selectAll().execute()).length === 2, second);
    await hear('Post', post(2, { link, site_id: 5 }));
    expect(await siteOf('post:2')).toBe('new.stackexchange.com');
  });

  it('is kept when the API does not answer, and asked for again', async () => {
    const open = api.always(/sites/, { status: 500, body: '<html>' });
    await app.listenUntil(() => readings() > 0, minute);
    open();
    await app.listenUntil(async () => (await app.db.selectFrom('sites').selectAll().execute()).length === 1, minute);
    expect(said()).toEqual([]);
  });
});

describe('a post that appears', () => {
  it.each(['card: true', 'hold: 10s'])(
    'hides its title in such a room once its reasons are known: %s',
    async (option) => {
      await app.stop();
      api.tables.reasons.push({ id: 3, reason_name: 'offensive title detected', weight: 90 });
      await start({
        config: [
          'rooms: { here: { to: "matrix:!here:a.org", mask_offensive: true } }',
          `subscriptions: [{ events: posts#create, rooms: here, ${option} }]`,
        ].join('\n'),
      });
      known(1, { title: 'A slur', reason_ids: [3] });
      await hear('Post', post(1, { title: 'A slur' }));
      await untilHad(1);
      await app.listen(15_000);
      const shown = app.platform.shown('!here:a.org');
      expect(shown).toEqual([expect.stringContaining('(title hidden)')]);
      expect(shown.join()).not.toContain('slur');
    },
  );

  it('is fetched for a room that hides titles, and for no other without cards', async () => {
    await app.stop();
    const rooms = (mask: boolean) => `rooms: { here: { to: "matrix:!here:a.org", mask_offensive: ${mask} } }`;
    const subscriptions = 'subscriptions: [{ events: posts#create, rooms: here }]';
    await start({ config: `${rooms(true)}\n${subscriptions}` });
    known(1);
    await hear('Post', post(1));
    await untilHad(1);
    await app.stop();
    await start({ config: `${rooms(false)}\n${subscriptions}` });
    await hear('Post', post(1));
    await app.listen(3_000);
    expect([await wanted(), (await detailsOf(1)).reasons]).toEqual([[], null]);
  });

  it('is fetched at once: its site, reasons and weights, and who flagged it', async () => {
    known(1);
    api.tables.flag_logs.push({ id: 31, post_id: 1, user_id: 70, success: true, is_auto: true });
    await hear('Post', post(1));
    await untilHad(1);
    expect(await detailsOf(1)).toMatchObject({
      site: { name: 'Ask Different', domain: 'apple.stackexchange.com', logo: null },
      reasons: [
        { name: 'bad word', weight: 80 },
        { name: 'link', weight: 15 },
      ],
      flaggers: { 31: 'Flag Er' },
      isAbsent: false,
    });
    expect((await stateOf(app.db, 'post:1')).flags).toMatchObject([{ id: '31', kind: 'auto' }]);
    expect(await wanted()).toEqual([]);
    // One request for the fields, one for the post; the fetched rows are not sent to any room.
    expect([asked.length, (await deliveries()).length]).toEqual([2, 1]);
  });

  it('is fetched again if the API does not list it yet', async () => {
    await hear('Post', post(1));
    await app.listenUntil(async () => (await wanted())[0]?.tries === 2, 200);
    known(1);
    await untilHad(1);
    await untilNothingIsWanted();
    expect(said()).toEqual([]);
  });

  it('has its flags read again a minute after its report, unless it is autoflagged by then', async () => {
    for (const id of [1, 2]) known(id);
    api.tables.flag_logs.push({ id: 31, post_id: 2, user_id: 70, success: true, is_auto: true });
    const reportedAt = Date.parse(post(1).created_at);
    for (const id of [1, 2]) await hear('Post', post(id));
    for (const id of [1, 2]) await untilHad(id, 20);
    expect(await wanted()).toMatchObject([{ subject: 'post:1', names: '["flags"]', due_at: reportedAt + minute }]);
    expect((await detailsOf(1)).flagsAt).toBeLessThan(reportedAt + minute);
    await untilNothingIsWanted();
    expect((await detailsOf(1)).flagsAt).toBeGreaterThanOrEqual(reportedAt + minute);
  });

  it('is not there if the API never knows it, until its row changes', async () => {
    await hear('Post', post(1));
    await untilNothingIsWanted();
    expect((await detailsOf(1)).isAbsent).toBe(true);
    await app.listen(2_000);
    await hear('Post', post(1), 'update');
    expect((await detailsOf(1)).isAbsent).toBe(false);
  });

  it('is given up if the API never knows it', async () => {
    const began = app.clock.monotonic();
    await hear('Post', post(1));
    await untilNothingIsWanted();
    const ofPosts = asked.filter(({ line }) => !/sites|filter_fields/.test(line));
    const seconds = ofPosts.slice(1).map(({ at }) => (at - began) / second);
    const waits = seconds.map((at, index) => at - (seconds[index - 1] ?? 0));
    expect(waits).toHaveLength(5);
    for (const [index, wait] of [0, 5, 15, 60, 300].entries())
      expect(Math.abs((waits[index] ?? 0) - wait)).toBeLessThan(5);
    expect(said()).toEqual([]);
  });

  it('is fetched over REST if GraphQL is closed, which is logged once', async () => {
    api.always(/graphql/, { status: 403, body: '<html>' });
    for (const id of [1, 2]) known(id);
    api.tables.feedbacks.push({ id: 21, post_id: 1, feedback_type: 'tpu-', user_name: 'V', created_at: time() });
    api.tables.flag_logs.push({ id: 31, post_id: 1, user_id: 70, success: true, is_auto: true });
    const flagLog = { id: 31, post_id: 1, user_id: 70, success: true, is_auto: true };
    await app.hear(
      { event_type: 'create', event_class: 'Post', object: post(1) },
      { event_type: 'create', event_class: 'FlagLog', object: flagLog },
    );
    await untilHad(1);
    await hear('Post', post(2));
    await untilHad(2, second);
    expect((await detailsOf(2)).site?.name).toBe('Ask Different');
    expect((await detailsOf(1)).flaggers).toEqual({ 31: 'Flag Er' });
    expect((await stateOf(app.db, 'post:1')).votes).toMatchObject([{ verdict: 'tp', by: 'V' }]);
    expect(said().filter((line) => line.includes('GraphQL'))).toHaveLength(1);
  });

  it('keeps what it has while the API is down, which is logged once, and is fetched when the API is back', async () => {
    const back = api.always(/./, { status: 502, body: '<html>bad gateway' });
    known(1);
    await hear('Post', post(1));
    await app.listenUntil(() => asked.length >= 6, second);
    expect((await deliveries()).length).toBe(1);
    expect(said()).toEqual([expect.stringContaining('cards are shown without them for now: the API answered 502')]);
    back();
    await untilHad(1, 10 * second);
    expect(said().slice(1)).toEqual(['info fetching details of posts works again']);
  });

  it.each([
    ['an error', { error: 'the database is away' }],
    ['nothing', {}],
    ['a number for rows', { items: 5 }],
  ])('is fetched again until the API gives rows, if it answers with %s', async (_, body) => {
    known(1);
    const back = api.always(/v2.0|graphql/, { status: 200, body });
    await hear('Post', post(1));
    await app.listenUntil(() => asked.length >= 16, 5 * second);
    expect(await wanted()).toHaveLength(1);
    back();
    await untilHad(1, 10 * second);
  });

  it('is fetched again for hours if one part of it cannot be had', async () => {
    api.always(/graphql/, { status: 403, body: '<html>' });
    const back = api.always(/reasons/, { status: 500, body: '<html>' });
    known(1);
    await hear('Post', post(1));
    await app.listenUntil(async () => ((await wanted())[0]?.tries ?? 0) >= 6, 20 * second);
    back();
    await untilHad(1, 20 * second);
  });

  it('is fetched after a crash', async () => {
    await app.stop();
    await start({ store: 'file' });
    await hear('Post', post(1));
    await app.listenUntil(async () => (await wanted())[0]?.tries === 1);
    expect((await detailsOf(1)).reasons).toBeNull();
    await app.kill();
    known(1);
    await app.clock.advance(minute);
    await app.start();
    await untilHad(1);
  });
});

describe('requests', () => {
  it('are never more a minute than configured', async () => {
    await app.stop();
    await start({ perMinute: 5 });
    api.always(/graphql/, { status: 403, body: '<html>' });
    for (let id = 1; id <= 8; id++) {
      known(id);
      await hear('Post', post(id));
    }
    await app.listenUntil(() => asked.length > 22, 400);
    // They arrive a moment after they were made.
    const within = minute - 2 * second;
    const most = Math.max(...asked.map(({ at }) => asked.filter((one) => one.at >= at && one.at < at + within).length));
    expect(most).toBe(5);
  });

  it('are few for many posts', async () => {
    for (let id = 1; id <= 40; id++) {
      known(id);
      app.pipeline.receive({ event_type: 'create', event_class: 'Post', object: post(id) });
    }
    await untilNothingIsWanted();
    expect(asked.length).toBeLessThanOrEqual(6);
  });
});

describe('an event about a post that we did not receive', () => {
  const feedback = (id: number, postId: number) => ({ id, post_id: postId, feedback_type: 'tpu-', updated_at: time() });

  it('has its post fetched, which is then delivered as if it had come live', async () => {
    known(7, { body: 'B' });
    await hear('Feedback', feedback(1, 7));
    await app.listenUntil(async () => (await deliveries()).length === 1);
    expect((await stateOf(app.db, 'post:7')).votes).toHaveLength(1);
    await untilNothingIsWanted();
    await hear('Post', post(7));
    expect([app.pipeline.counts.duplicate, (await deliveries()).length]).toEqual([1, 1]);
  });

  it('has its post stored without a delivery if the post is old', async () => {
    known(7, { created_at: time(48 * 60 * minute), updated_at: time(48 * 60 * minute) });
    await hear('Feedback', feedback(1, 7));
    await untilNothingIsWanted();
    expect((await stateOf(app.db, 'post:7')).title).toBe('T7');
    expect(await deliveries()).toEqual([]);
    // The post is known from now on.
    await untilNothingIsWanted();
    await hear('Feedback', feedback(2, 7));
    expect(await wanted()).toEqual([]);
  });

  it('has its post stored without a delivery if it was reported before the first start', async () => {
    known(7, { created_at: time(2 * minute), updated_at: time(2 * minute) });
    await hear('Feedback', feedback(1, 7));
    await untilNothingIsWanted();
    expect((await stateOf(app.db, 'post:7')).title).toBe('T7');
    expect(await deliveries()).toEqual([]);
  });

  it('sends no request if the post came meanwhile', async () => {
    await hear('FlagLog', { id: 1, post_id: 7, success: false });
    expect(await wanted()).toMatchObject([{ names: '["post"]', due_at: app.clock.now() + 5 * second }]);
    await app.listen(second);
    await hear('Post', post(7), 'update');
    await untilNothingIsWanted();
    expect(asked).toEqual([]);
  });
});

describe('details that are known', () => {
  it('are deleted when they are old', async () => {
    known(1);
    await hear('Post', post(1));
    await untilHad(1);
    const { db } = app;
    await pruneBatch(db, { cutoff: app.clock.now(), firstKept: Number.MAX_SAFE_INTEGER });
    expect((await detailsOf(1)).reasons).not.toBeNull();
    await app.listen(minute);
    await pruneBatch(db, { cutoff: app.clock.now(), firstKept: Number.MAX_SAFE_INTEGER });
    expect((await detailsOf(1)).reasons).toBeNull();
  });

  it('include who cast a flag that came later', async () => {
    known(1);
    await hear('Post', post(1));
    await untilHad(1);
    await hear('FlagLog', { id: 31, post_id: 1, user_id: 70, success: true, is_auto: true, created_at: time() });
    await app.listen(6 * second);
    // It is not there at first.
    await app.listenUntil(async () => (await wanted())[0]?.tries === 1);
    api.tables.flag_logs.push({ id: 31, post_id: 1, user_id: 70, success: true, is_auto: true });
    await app.listenUntil(async () => (await detailsOf(1)).flaggers[31] === 'Flag Er', second);
    expect(await wanted()).toEqual([]);
  });

  it('include who cast a flag that came while they were being fetched', async () => {
    known(1);
    const flag = { id: 31, post_id: 1, user_id: 70, success: true, is_auto: true, created_at: time() };
    let isFlagged = false;
    const note = api.onRequest;
    api.onRequest = (line) => {
      note?.(line);
      if (!line.includes('graphql') || asked.length < 2 || isFlagged) return;
      isFlagged = true;
      app.pipeline.receive({ event_type: 'create', event_class: 'FlagLog', object: flag });
    };
    await hear('Post', post(1));
    await untilHad(1);
    expect([isFlagged, (await wanted()).length]).toEqual([true, 1]);
    api.tables.flag_logs.push(flag);
    await app.listenUntil(async () => (await detailsOf(1)).flaggers[31] === 'Flag Er', second);
    expect(await wanted()).toEqual([]);
  });

  it('are fetched after a gap for new posts first, then for open cards from the newest on', async () => {
    for (const id of [1, 2, 3]) {
      known(id);
      await hear('Post', post(id));
      await app.listen(minute);
    }
    await untilNothingIsWanted();
    await app.listen(20 * minute);
    const before = asked.length;
    for (const id of [4, 5]) {
      known(id);
      app.pipeline.receive({ event_type: 'create', event_class: 'Post', object: post(id) }, 'backfilled');
    }
    await app.pipeline.idle();
    await app.parts.inputs.details.refresh();
    expect((await dueDetails(app.db, app.clock.now(), 20)).map(({ subject }) => subject).sort()).toEqual([
      ...['post:4', 'post:5'],
    ]);
    await untilHad(4);
    const left = await dueDetails(app.db, app.clock.now(), 20);
    expect(left.map(({ subject }) => subject)).toEqual(['post:3', 'post:2', 'post:1']);
    await untilNothingIsWanted();
    // The new posts, the old ones, and the flags of the new ones, a minute after their report.
    expect(asked.length - before).toBe(3);
  });

  it('are updated by a fetched row that has more, without a delivery', async () => {
    const [old, now] = [post(1), post(1, { deleted_at: time(), updated_at: time(-second) })];
    await hear('Post', old);
    await app.listen(0);
    for (const row of [old, now, now])
      app.pipeline.receive({ event_type: 'create', event_class: 'Post', object: row }, 'backfilled');
    await app.pipeline.idle();
    expect((await stateOf(app.db, 'post:1')).fate).toBe('deleted');
    expect((await deliveries()).length).toBe(1);
    const rows = await app.db.selectFrom('events').select(['type', 'origin']).where('model', '=', 'posts').execute();
    expect(rows).toEqual([
      { type: 'create', origin: 'live' },
      { type: 'update', origin: 'backfilled' },
    ]);
  });

  it('keep their votes if the API answers without a list of them', async () => {
    known(1);
    await hear('Post', post(1));
    await hear('Feedback', { id: 5, post_id: 1, feedback_type: 'fp-', user_id: 9, created_at: time() });
    await untilHad(1);
    api.always(/graphql/, { status: 403, body: '<html>' });
    api.always(/feedbacks\/post/, { status: 200, body: {} });
    await app.listen(12 * minute);
    const requests = () => asked.filter(({ line }) => line.includes('feedbacks/post')).length;
    const before = requests();
    await app.parts.inputs.details.refresh();
    // With the second request the first answer has been stored.
    await app.listenUntil(() => requests() > before + 1, second);
    expect((await stateOf(app.db, 'post:1')).votes.map(({ id }) => id)).toEqual(['5']);
  });

  it('are fetched again after a gap: a vote that was taken back, a deletion', async () => {
    known(1);
    await hear('Post', post(1));
    await hear('Feedback', { id: 5, post_id: 1, feedback_type: 'fp-', user_id: 9, created_at: time() });
    await untilHad(1);
    await app.listen(12 * minute);
    api.tables.posts = [post(1, { deleted_at: time(minute), updated_at: time(), reason_ids: [1] })];
    api.tables.feedbacks.push({ id: 6, post_id: 1, feedback_type: 'tpu-', user_name: 'V', created_at: time() });
    await app.parts.inputs.details.refresh();
    await untilNothingIsWanted();
    const state = await stateOf(app.db, 'post:1');
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
    expect((await stateOf(app.db, 'post:1')).votes).toHaveLength(2);
  });
});
