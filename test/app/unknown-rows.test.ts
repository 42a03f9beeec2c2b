import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../support/metasmoke-api.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const room = 'matrix:!here:a.org';
const old = '2025-01-02T03:04:05.000Z';
const title = 'Buy now';

let api: MetasmokeApiDouble;
let app: TestApp;
let requests: string[];

beforeEach(async () => {
  api = await startMetasmokeApi('secret-key');
  onTestFinished(() => api.stop());
  requests = [];
  api.onRequest = (line) => void requests.push(line);
});

async function start(events: string, more: object = {}, store: 'memory' | 'file' = 'memory'): Promise<void> {
  app = await createTestApp({
    config: `subscriptions: ${JSON.stringify([{ events, rooms: room, ...more }])}`,
    source: `api: "${api.url}"`,
    store,
  });
}

const hear = (event_class: string, object: object) => {
  const now = new Date(app.clock.now()).toISOString();
  return app.hear({ event_type: 'create', event_class, object: { created_at: now, updated_at: now, ...object } });
};
const shown = () => app.platform.shown('!here:a.org').join('\n');
const untilShown = (count = 1) => app.listenUntil(() => app.platform.shown('!here:a.org').length >= count, 5);
const addPost = (id: number) =>
  api.tables.posts.push({ id, title, link: `//superuser.com/q/${id}`, site_id: 4, created_at: old, updated_at: old });
const vote = (id: number, postId: number) => ({ id, post_id: postId, feedback_type: 'tpu-', user_name: 'Ann' });

describe('a post that is older than the database', () => {
  it.each([
    ['a vote', 'feedbacks', 'Feedback', vote(1, 7)],
    ['a deletion', 'deletion_logs', 'DeletionLog', { id: 1, post_id: 7, is_deleted: true }],
    ['a comment', 'post_comments', 'PostComment', { id: 1, post_id: 7, text: 'Again' }],
    ['a flag', 'flag_logs', 'FlagLog', { id: 1, post_id: 7, success: true, is_auto: true }],
    ['a flag for an admin', 'flags', 'Flag', { id: 1, post_id: 7, is_completed: false }],
    ['a review item', 'review_items', 'ReviewItem', { id: 1, reviewable_type: 'Post', reviewable_id: 7 }],
  ])('is named by the message of %s', async (_, events, eventClass, row) => {
    addPost(7);
    await start(events);
    const began = app.clock.now();
    await hear(eventClass, row);
    await untilShown();
    expect(shown()).toContain(title);
    expect(app.clock.now() - began).toBeLessThan(500);
  });

  it('is named by the message of a review, whose item is known', async () => {
    addPost(7);
    await start('review_results;posts#create');
    await hear('ReviewItem', { id: 9, reviewable_type: 'Post', reviewable_id: 7 });
    await hear('ReviewResult', { id: 1, review_item_id: 9, result: 'tp' });
    await untilShown();
    expect(shown()).toContain(title);
  });

  it('is named by the derived event of its vote, too', async () => {
    addPost(7);
    await start('feedbacks;posts#confirmed');
    await hear('Feedback', vote(1, 7));
    await untilShown(2);
    const [first, second] = app.platform.shown('!here:a.org');
    expect(first).toContain(title);
    expect(second).toContain(title);
  });

  it('is asked for with its reasons where a room hides offensive titles', async () => {
    addPost(7);
    api.tables.reasons.push({ id: 3, reason_name: 'Offensive title detected', weight: 90 });
    Object.assign(api.tables.posts[0]!, { reason_ids: [3] });
    app = await createTestApp({
      config: `rooms: { a: { to: "${room}", mask_offensive: true } }\nsubscriptions: [{ events: feedbacks, rooms: a }]`,
      source: `api: "${api.url}"`,
    });
    await hear('Feedback', vote(1, 7));
    await untilShown();
    expect(shown()).toContain('(title hidden)');
    expect(shown()).not.toContain(title);
  });

  it('is fetched once', async () => {
    addPost(7);
    await start('feedbacks');
    await hear('Feedback', vote(1, 7));
    await untilShown();
    const before = requests.length;
    await hear('Feedback', vote(2, 7));
    await app.listen(60_000);
    expect(requests).toHaveLength(before);
  });

  it('delays its message by half a second if the API does not answer', async () => {
    api.always(/./, { status: 502, body: '<html>' });
    await start('feedbacks');
    await hear('Feedback', vote(1, 7));
    await app.listen(490);
    expect(shown()).toBe('');
    await app.listen(10);
    await untilShown();
    expect(shown()).toContain('on post 7');
  });

  it('is not asked for again, and delays nothing, once the API does not have it', async () => {
    await start('feedbacks');
    await hear('Feedback', vote(1, 7));
    await app.listenUntil(
      async () => (await app.db.selectFrom('wanted_details').select('subject').execute()).length === 0,
      1_000,
    );
    const before = requests.length;
    await hear('Feedback', vote(2, 7));
    await app.listen(0);
    await app.listenUntil(() => app.platform.shown('!here:a.org').length === 2, 0);
    await app.listen(60_000);
    expect(requests).toHaveLength(before);
  });
});

it('a post from just before the first start is shown before its flag, although the API answers before it comes', async () => {
  await start('posts#create;flag_logs');
  const justBefore = new Date(app.clock.now() - 5_000).toISOString();
  const post = { id: 7, title, link: '//superuser.com/q/7', created_at: justBefore, updated_at: justBefore };
  api.tables.posts.push(post);
  await hear('FlagLog', { id: 1, post_id: 7, success: true, is_auto: true });
  await app.listenUntil(() => requests.length > 0, 5);
  await app.listen(200);
  await hear('Post', post);
  await app.listen(3_000);
  expect(app.platform.shown('!here:a.org').map((text) => text.slice(0, 2))).toEqual(['🚨', '🚩']);
});

it('a post that the source sends a moment after its vote is not asked for', async () => {
  await start('feedbacks;posts#create');
  await hear('Feedback', vote(1, 7));
  await app.listen(50);
  await hear('Post', { id: 7, title, link: '//superuser.com/q/7' });
  await untilShown(2);
  await app.listen(60_000);
  expect(requests).toEqual([]);
});

describe('a user or a site whose name no event told', () => {
  const moderator = (id: number) => ({ id, user_id: 70, site_id: 4 });
  const addNames = () => {
    api.tables.users.push({ id: 70, username: 'Ann' });
    api.tables.sites.push({ id: 4, site_name: 'Super User', site_domain: 'superuser.com', site_logo: null });
  };

  it('is named by the message of a row that has only the ids', async () => {
    addNames();
    await start('moderator_sites');
    const began = app.clock.now();
    await hear('ModeratorSite', moderator(1));
    await untilShown();
    expect(shown()).toMatch(/Ann.*Super User/s);
    expect(app.clock.now() - began).toBeLessThan(500);
    const before = requests.length;
    await hear('ModeratorSite', moderator(2));
    await app.listenUntil(() => app.platform.shown('!here:a.org').length === 2, 0);
    await app.listen(60_000);
    expect(requests).toHaveLength(before);
  });

  it('does not end the wait of an update for the post that it overtook', async () => {
    addNames();
    await start('moderator_sites;posts#create,update');
    const at = new Date(app.clock.now()).toISOString();
    const object = { id: 8, title, link: '//superuser.com/q/8', created_at: at, updated_at: at };
    await app.hear({ event_type: 'update', event_class: 'Post', object });
    await hear('ModeratorSite', moderator(1));
    await untilShown();
    await app.hear({ event_type: 'create', event_class: 'Post', object: { ...object, score: 0 } });
    await app.listen(3_000);
    const [first, second] = app.platform.shown('!here:a.org');
    expect(first).toContain('Ann');
    expect(second).toMatch(/^🚨/);
  });

  it('is not asked for again if the API does not have it, also after a restart', async () => {
    await start('flag_conditions', {}, 'file');
    await hear('FlagCondition', { id: 1, user_id: 70 });
    await untilShown();
    expect(shown()).toContain('user 70');
    const before = requests.length;
    await app.restart();
    await hear('FlagCondition', { id: 2, user_id: 70 });
    await app.listenUntil(() => app.platform.shown('!here:a.org').length === 2, 0);
    expect(requests).toHaveLength(before);
  });

  it('delays its message by half a second if the API does not answer, and is asked for again', async () => {
    const back = api.always(/./, { status: 502, body: '<html>' });
    addNames();
    await start('flag_conditions');
    await hear('FlagCondition', { id: 1, user_id: 70 });
    await app.listen(490);
    expect(shown()).toBe('');
    await app.listen(10);
    await untilShown();
    expect(shown()).toContain('user 70');
    back();
    await app.listenUntil(async () => (await app.db.selectFrom('user_names').select('id').execute()).length === 1, 500);
    await hear('FlagCondition', { id: 2, user_id: 70 });
    await untilShown(2);
    expect(shown()).toContain('Ann');
  });

  it('is known from a vote, and the API is not asked', async () => {
    await start('feedbacks;flag_conditions;posts#create');
    await hear('Post', { id: 7, title });
    await hear('Feedback', { ...vote(1, 7), user_id: 70 });
    await hear('FlagCondition', { id: 1, user_id: 70 });
    await untilShown(3);
    expect(shown()).toContain('Flag condition of Ann');
    await hear('Feedback', { ...vote(2, 7), user_id: 70, user_name: 'Anna' });
    await hear('FlagCondition', { id: 2, user_id: 70 });
    await untilShown(5);
    expect(shown()).toContain('Flag condition of Anna');
    expect(requests).toEqual([]);
  });
});
