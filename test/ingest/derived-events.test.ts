import { describe, expect, it, onTestFinished } from 'vitest';
import { lastReceivedAt, newestBefore } from '../../src/inputs/gaps/event-marks.ts';
import { retryDeadLetter } from '../../src/outbox/rows/dead-letters.ts';
import { exceedsRate } from '../../src/outbox/rows/is-behind.ts';
import type { EventObject } from '../../src/words.ts';
import { createKindApp, kindRoom as room } from '../support/kind-app.ts';
import { startMetasmokeApi } from '../support/metasmoke-api.ts';
import type { TestApp } from '../support/test-app.ts';

let app: TestApp;

async function start(events: string, { where, source }: { readonly where?: string; readonly source?: string } = {}) {
  app = await createKindApp([{ events, ...(where !== undefined && { where }) }], source);
}

/** `model#type subject` of every delivery. */
async function delivered(): Promise<string[]> {
  await app.pipeline.idle();
  const rows = await app.db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['e.model', 'e.type', 'e.subject'])
    .orderBy('d.id')
    .execute();
  return rows.map(({ model, type, subject }) => `${model}#${type} ${subject}`);
}

/** The room takes nothing for a while. */
function holdRoom(): void {
  app.platform.answers.push({ outcome: 'notAccepted', scope: 'room', waitMs: 30_000, reason: '429' });
}

const now = () => new Date(app.clock.now()).toISOString();
const message = (event_class: string, event_type: string, object: EventObject) => ({ event_type, event_class, object });
const post = (id: number, more: EventObject = {}, type = 'create') =>
  message('Post', type, {
    id,
    title: `Post ${id}`,
    link: `//a.example/q/${id}`,
    user_reputation: 1,
    created_at: now(),
    updated_at: now(),
    ...more,
  });
const vote = (id: number, postId: number, type: string) =>
  message('Feedback', 'create', { id, post_id: postId, feedback_type: type, created_at: now(), updated_at: now() });
const deletion = (id: number, postId: number, isDeleted = true) =>
  message('DeletionLog', 'create', {
    id,
    post_id: postId,
    is_deleted: isDeleted,
    created_at: now(),
    updated_at: now(),
  });

const ago = (seconds: number) => new Date(app.clock.now() - seconds * 1_000).toISOString();
/** A report ten minutes ago that was flagged, confirmed and deleted, as it is fetched five minutes later. */
function fetchedLife() {
  const row = { created_at: ago(600), deleted_at: ago(540), updated_at: ago(300), autoflagged: true };
  const made = (seconds: number) => ({ created_at: ago(seconds), updated_at: ago(290) });
  return [
    post(1, row),
    message('FlagLog', 'create', { id: 5, post_id: 1, success: true, is_auto: true, ...made(582) }),
    message('Feedback', 'create', { id: 6, post_id: 1, feedback_type: 'tp-', ...made(560) }),
  ];
}
/** The `after` of each derived event. */
async function secondsAfter(): Promise<Record<string, unknown>> {
  const rows = await app.db.selectFrom('events').select(['type', 'object']).where('origin', '=', 'derived').execute();
  return Object.fromEntries(rows.map(({ type, object }) => [type, (JSON.parse(object) as EventObject).after]));
}

describe('a derived event', () => {
  it('is stored and delivered with its trigger, once in spite of repetitions and a crash', async () => {
    await start('posts#deleted,undeleted,confirmed');
    const life = [post(1), vote(1, 1, 'tp'), deletion(1, 1)];
    await app.hear(...life, ...life);
    await app.restart();
    await app.hear(...life, vote(2, 1, 'tp'), deletion(2, 1, false));
    expect(await delivered()).toEqual(['posts#confirmed post:1', 'posts#deleted post:1', 'posts#undeleted post:1']);
    expect(app.pipeline.counts.received).toBe(2);
  });

  it('is stored in the transaction of its trigger: if that fails its trigger fails, and a retry stores both', async () => {
    await start('posts#deleted');
    await app.hear(post(1));
    await app.db.schema.alterTable('deliveries').renameTo('hidden').execute();
    app.pipeline.receive(deletion(1, 1));
    await app.clock.advance(0);
    const rows = await app.db.selectFrom('events').select(['model', 'state']).execute();
    expect(rows).toEqual([
      { model: 'posts', state: 'routed' },
      { model: 'deletion_logs', state: 'failed' },
    ]);
    await app.db.schema.alterTable('hidden').renameTo('deliveries').execute();
    expect(await retryDeadLetter(app.db, 'e2', app.clock.now())).toBe('done');
    await app.clock.advance(5_000);
    expect(await delivered()).toEqual(['posts#deleted post:1']);
  });

  it('is not made if no subscription names it', async () => {
    await start('posts');
    await app.hear(post(1), deletion(1, 1));
    const rows = await app.db.selectFrom('events').select('id').where('origin', '=', 'derived').execute();
    expect([rows, await delivered()]).toEqual([[], ['posts#create post:1']]);
  });

  it('can be filtered by the columns of its row and by its own fields', async () => {
    await start('posts#deleted', { where: 'object.user_reputation < 10 && object.deleted_after > 60' });
    await app.hear(post(1), post(2), post(3, { user_reputation: 50 }));
    await app.listen(30_000);
    await app.hear(deletion(1, 1));
    await app.listen(60_000);
    await app.hear(deletion(2, 2), deletion(3, 3));
    expect(await delivered()).toEqual(['posts#deleted post:2']);
  });

  it('stands directly behind its trigger among what waits together', async () => {
    await start('posts;feedbacks#create;posts#confirmed');
    holdRoom();
    await app.hear(post(1));
    const earlier = now();
    await app.clock.advance(5_000);
    await app.hear(post(1, { version: 2 }, 'update'));
    // It comes late, and belongs before the update.
    await app.hear(message('Feedback', 'create', { id: 1, post_id: 1, feedback_type: 'tp', updated_at: earlier }));
    await app.listen(30_000);
    expect(app.platform.shown('!a:a.org').join(' + ')).toBe(
      'posts#create + feedbacks#create + posts#confirmed v2 + posts#update v2',
    );
  });

  it('does not count as an event of the source, nor as a second one beside its trigger', async () => {
    await start('feedbacks#create;posts#confirmed');
    await app.hear(vote(1, 900, 'tp'));
    const heardAt = app.clock.now();
    expect(await delivered()).toHaveLength(2);
    const before = heardAt + 1_000;
    const roomId = app.parts.base.directory.roomId(room) ?? -1;
    expect(await newestBefore(app.db, { source: 'metasmoke', model: 'posts' }, before)).toBeNull();
    const count = { since: heardAt - 1, count: 1 };
    expect(await exceedsRate(app.db, roomId, count)).toBe(false);
  });

  it('is made from a fetched row, too, and says when it happened', async () => {
    await start('posts#deleted');
    const row = post(1, { created_at: ago(600), deleted_at: ago(540), updated_at: ago(60) });
    app.pipeline.receive(row, 'backfilled');
    expect(await delivered()).toEqual(['posts#deleted post:1']);
    expect(await secondsAfter()).toEqual({ deleted: 60 });
  });

  it('of a fetched report has the times of the fetched rows that caused it', async () => {
    await start('posts;flag_logs#create;feedbacks#create;posts#autoflagged,confirmed,deleted');
    holdRoom();
    await app.hear(post(9));
    for (const message of fetchedLife()) app.pipeline.receive(message, 'backfilled');
    // It came live before the report was fetched, and is of a later time.
    app.pipeline.receive(post(1, { version: 2, updated_at: ago(250) }, 'update'));
    await app.listen(90_000);
    expect(await secondsAfter()).toEqual({ autoflagged: 18, confirmed: 40, deleted: 60 });
    const shown = app.platform.shown('!a:a.org').join(' + ');
    expect(shown).toBe(
      [
        ...['posts#create', 'posts#create', 'flag_logs#create', 'posts#autoflagged'],
        ...['feedbacks#create', 'posts#confirmed', 'posts#deleted', 'posts#update v2'],
      ].join(' + '),
    );
  });

  it('that only the row of a fetched report tells comes after a while, once, without a time', async () => {
    await start('posts#autoflagged');
    app.pipeline.receive(fetchedLife()[0]!, 'backfilled');
    await app.listen(20_000);
    expect(await delivered()).toEqual([]);
    await app.restart();
    await app.listen(20_000);
    await app.restart();
    await app.listen(60_000);
    expect([await delivered(), await secondsAfter()]).toEqual([['posts#autoflagged post:1'], { autoflagged: null }]);
  });
});

describe('a post that lingers', () => {
  /** Starts with an API, which has these posts. */
  async function startWithApi(ids: readonly number[] = [1, 2, 3, 4]): Promise<void> {
    const api = await startMetasmokeApi('secret-key');
    for (const id of ids) api.tables.posts.push(post(id).object);
    onTestFinished(() => api.stop());
    await start('posts#lingering', { source: `api: "${api.url}"` });
  }

  it('is announced once, when its time has come, and not again after a crash', async () => {
    await startWithApi();
    await app.hear(post(1), post(2), post(3), post(4));
    await app.hear(deletion(1, 2), vote(1, 3, 'fp'));
    await app.listen(590_000);
    expect(await delivered()).toEqual([]);
    await app.listen(15_000);
    expect(await delivered()).toEqual(['posts#lingering post:1', 'posts#lingering post:4']);
    await app.restart();
    await app.listen(120_000);
    expect(await delivered()).toHaveLength(2);
    expect(await lastReceivedAt(app.db, 'metasmoke', app.clock.now())).toBeLessThan(app.clock.now() - 600_000);
  });

  it('is announced after a restart if that is less than an hour late, and only once the source is connected', async () => {
    await startWithApi([1, 2]);
    await app.hear(post(1));
    await app.lose();
    await app.clock.advance(50 * 60_000);
    app.pipeline.receive(post(2), 'backfilled');
    await app.pipeline.idle();
    await app.restart({ cable: {} });
    await app.clock.advance(25 * 60_000);
    expect(await delivered()).toEqual([]);
    await app.regain();
    await app.listen(70_000);
    expect(await delivered()).toEqual(['posts#lingering post:2']);
  });

  it('is not announced if the API does not have the post', async () => {
    await startWithApi([1]);
    await app.hear(post(1), post(2));
    await app.listen(620_000);
    expect(await delivered()).toEqual(['posts#lingering post:1']);
  });

  it('is announced a minute later if the API does not answer', async () => {
    const api = await startMetasmokeApi('secret-key');
    onTestFinished(() => api.stop());
    api.always(/./, { status: 503, body: 'down' });
    await start('posts#lingering', { source: `api: "${api.url}"` });
    await app.hear(post(1));
    await app.listen(640_000);
    expect(await delivered()).toEqual([]);
    await app.listen(30_000);
    expect(await delivered()).toEqual(['posts#lingering post:1']);
  });

  it('is announced as soon as the source is connected if there is no API', async () => {
    await start('posts#lingering');
    await app.hear(post(1));
    await app.lose();
    await app.restart({ cable: {} });
    await app.clock.advance(11 * 60_000);
    expect(await delivered()).toEqual([]);
    await app.regain();
    await app.listen(6_000);
    expect(await delivered()).toEqual(['posts#lingering post:1']);
  });
});

describe('a detector', () => {
  const ping = (id: number, more: EventObject = {}) =>
    message('SmokeDetector', 'update', { id, name: `d${id}`, last_ping: now(), updated_at: now(), ...more });

  it('is announced once if it is silent, and when it pings again', async () => {
    await start('smoke_detectors#silent,back');
    await app.hear(ping(1), ping(2, { is_standby: true }), ping(3));
    for (let minute = 0; minute < 4; minute++) {
      await app.listen(60_000);
      await app.hear(ping(3));
    }
    expect(await delivered()).toEqual(['smoke_detectors#silent smoke_detector:1']);
    await app.restart();
    await app.listen(60_000);
    await app.hear(ping(1), ping(1, { location: 'attic' }));
    expect(await delivered()).toEqual([
      'smoke_detectors#silent smoke_detector:1',
      'smoke_detectors#back smoke_detector:1',
    ]);
  });

  it('is not silent if the API has newer pings than the source sent, and is if the API has none or no answer', async () => {
    const api = await startMetasmokeApi('secret-key');
    onTestFinished(() => api.stop());
    await start('smoke_detectors#silent', { source: `api: "${api.url}"` });
    const pinged = () => {
      api.tables.smoke_detectors = [{ id: 1, name: 'a', last_ping: now(), is_standby: false, access_token: 't' }];
    };
    const asked = () => api.seen.filter((line) => line.includes('smokeys'));
    await app.hear(ping(1));
    pinged();
    for (const _ of [1, 2, 3]) {
      await app.listen(60_000);
      pinged();
    }
    await app.listenUntil(() => asked().length > 0);
    await app.listen(60_000);
    expect([await delivered(), asked().length]).toEqual([[], 1]);
    // Nor does the source send that it stopped.
    await app.listen(200_000);
    expect(await delivered()).toEqual(['smoke_detectors#silent smoke_detector:1']);
    api.always(/smokeys/, { status: 500, body: '<html>' });
    await app.hear(ping(2));
    await app.listen(200_000);
    await app.listenUntil(async () => (await delivered()).length === 2);
    expect(JSON.stringify(api.seen)).not.toContain('token');
  });

  it('is not silent while we were not connected', async () => {
    await start('smoke_detectors#silent');
    await app.hear(ping(1));
    await app.listen(100_000);
    await app.lose();
    await app.clock.advance(600_000);
    await app.regain();
    await app.listen(170_000);
    expect(await delivered()).toEqual([]);
    await app.listen(20_000);
    expect(await delivered()).toHaveLength(1);
  });

  it('has a low quota once until it is above again', async () => {
    await start('statistics#quota_low');
    let id = 0;
    const statistic = (quota: number, detector = 7) =>
      message('Statistic', 'create', { id: ++id, api_quota: quota, smoke_detector_id: detector, updated_at: now() });
    await app.hear(statistic(1_200), statistic(900), statistic(800), statistic(700, 8), statistic(5_000));
    await app.hear(statistic(999), statistic(998));
    expect(await delivered()).toEqual([
      'statistics#quota_low statistic:2',
      'statistics#quota_low statistic:4',
      'statistics#quota_low statistic:6',
    ]);
  });
});

describe('the source', () => {
  it('is lost after two minutes, and back after that, also in another process', async () => {
    await start('source;posts#create');
    await app.lose();
    await app.clock.advance(110_000);
    await app.regain();
    await app.listen(60_000);
    expect(await delivered()).toEqual([]);
    await app.lose();
    await app.clock.advance(130_000);
    expect(await delivered()).toEqual(['source#lost source:metasmoke']);
    await app.kill();
    await app.cable.listen();
    await app.start();
    await app.listen(3_000);
    await app.lose();
    await app.regain();
    await app.listen(3_000);
    expect(await delivered()).toEqual(['source#lost source:metasmoke', 'source#back source:metasmoke']);
    const row = await app.db.selectFrom('events').select('object').where('type', '=', 'back').executeTakeFirstOrThrow();
    expect(JSON.parse(row.object)).toMatchObject({
      name: 'metasmoke',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('is asked for the triggers of derived events, and not for derived events', async () => {
    await start('source;posts#deleted;smoke_detectors#silent;statistics#quota_low');
    expect(JSON.parse(app.client.identifier).events).toBe(
      'deletion_logs#create,update,destroy;posts#create,update,destroy;smoke_detectors#create,update;statistics#create',
    );
  });
});

describe('a derived event of a post that was reported twice', () => {
  const link = '//stackoverflow.com/a/1';

  it('comes once, for the report of the event that it follows from', async () => {
    await start('posts#autoflagged,confirmed,disputed,deleted,undeleted');
    const flag = (id: number, postId: number) =>
      message('FlagLog', 'create', { id, post_id: postId, success: true, is_auto: true, created_at: now() });
    await app.hear(post(1, { link }), flag(1, 1), vote(1, 1, 'tp'), post(2, { link }));
    await app.hear(flag(2, 2), vote(2, 2, 'tp'), vote(3, 2, 'fp'), deletion(1, 1));
    await app.hear(post(2, { link, deleted_at: now() }, 'update'), vote(4, 1, 'fp'));
    await app.clock.advance(5_000);
    await app.hear(deletion(2, 1, false));
    expect(await delivered()).toEqual([
      'posts#autoflagged post:1',
      'posts#confirmed post:1',
      'posts#disputed post:2',
      'posts#deleted post:1',
      'posts#undeleted post:1',
    ]);
  });

  it('comes once though a vote overtook the second report', async () => {
    await start('posts#confirmed');
    await app.hear(post(1, { link }), vote(1, 1, 'tp'));
    await app.hear(vote(2, 2, 'tp'));
    await app.clock.advance(20);
    await app.hear(post(2, { link }));
    await app.clock.advance(1_000);
    const rows = await app.db.selectFrom('deliveries').select(['state', 'reason']).orderBy('id').execute();
    expect(rows).toEqual([
      { state: 'sent', reason: null },
      { state: 'cancelled', reason: 'it was told about another report of the post' },
    ]);
  });

  it('comes once though the vote that it followed from was taken back', async () => {
    await start('posts#confirmed');
    await app.hear(post(1, { link }), post(2, { link }), vote(1, 1, 'tp'));
    await app.hear({ ...vote(1, 1, 'tp'), event_type: 'destroy' }, vote(2, 2, 'tp'));
    expect(await delivered()).toEqual(['posts#confirmed post:1']);
  });

  it('follows from the report that shows the two to be one', async () => {
    await start('posts#confirmed,disputed,deleted');
    await app.hear(post(1, { link }), vote(1, 1, 'tp'), vote(2, 2, 'fp'), post(2, { link }));
    expect(await delivered()).toEqual(['posts#confirmed post:1', 'posts#disputed post:2']);
  });

  it('is the alarm that it still stands, once', async () => {
    await start('posts#lingering');
    await app.hear(post(1, { link }), post(2, { link }), post(3, { link: `${link}1` }));
    await app.listen(60_000);
    await app.hear(post(4, { link }));
    await app.listen(560_000);
    expect(await delivered()).toEqual(['posts#lingering post:1', 'posts#lingering post:3']);
    await app.restart();
    await app.listen(120_000);
    expect(await delivered()).toHaveLength(2);
  });

  it('is no alarm if the deletion came for the other report', async () => {
    await start('posts#lingering');
    await app.hear(post(1, { link }), post(2, { link }), deletion(1, 1));
    await app.listen(660_000);
    expect(await delivered()).toEqual([]);
  });
});
