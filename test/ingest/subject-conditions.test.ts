import { describe, expect, it, onTestFinished } from 'vitest';
import { retryDeadLetter } from '../../src/outbox/rows/dead-letters.ts';
import type { EventObject } from '../../src/words.ts';
import { createKindApp } from '../support/kind-app.ts';
import { startMetasmokeApi } from '../support/metasmoke-api.ts';
import type { TestApp } from '../support/test-app.ts';

let app: TestApp;

interface Wanted {
  readonly events: string;
  readonly where: string;
  readonly id?: string;
}

async function start(wanted: readonly Wanted[], source?: string): Promise<void> {
  app = await createKindApp(wanted, source);
}

/** `model id` of every delivery. */
async function delivered(): Promise<string[]> {
  await app.pipeline.idle();
  const rows = await app.db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['e.model', 'e.row_id', 'd.condition_failed'])
    .orderBy('d.id')
    .execute();
  return rows.map((row) => [row.model, row.row_id, row.condition_failed ?? []].flat().join(' '));
}

const now = () => new Date(app.clock.now()).toISOString();
const message = (event_class: string, object: EventObject) => ({
  ...{ event_type: 'create', event_class },
  object: { created_at: now(), updated_at: now(), ...object },
});
const post = (id: number, more: EventObject = {}) => message('Post', { id, title: `Post ${id}`, ...more });
const vote = (id: number, postId: number, type: string, user = id) =>
  message('Feedback', { id, post_id: postId, feedback_type: type, user_id: user });
const deletion = (id: number, postId: number) => message('DeletionLog', { id, post_id: postId, is_deleted: true });

describe('a condition that asks about the subject of an event', () => {
  it('sees what is known of the post, this event included', async () => {
    await start([{ events: 'feedbacks#create', where: 'subject.title == "Post 1" && subject.fp == 2' }]);
    await app.hear(post(1), post(2), vote(1, 1, 'fp'), vote(2, 1, 'fp'), vote(3, 2, 'fp'), vote(4, 2, 'fp'));
    expect(await delivered()).toEqual(['feedbacks 2']);
  });

  it('combines it with the row, on every model that leads to a post', async () => {
    await start([
      { events: 'deletion_logs;posts', where: 'subject.tp > 0 && (event.model == "posts" || object.is_deleted)' },
    ]);
    await app.hear(post(1), post(2), vote(1, 1, 'tp'), deletion(5, 1), deletion(6, 2));
    expect(await delivered()).toEqual(['deletion_logs 5']);
  });

  it('sees nothing but its own event of a post that is not known', async () => {
    await start([
      { events: 'feedbacks#create', where: 'subject.title == null && subject.fp == 1 && subject.standing' },
    ]);
    await app.hear(vote(1, 77, 'fp'));
    expect(await delivered()).toEqual(['feedbacks 1']);
  });

  it('counts as matched on an event that leads to no post, and says so', async () => {
    await start([{ events: 'posts#create;statistics#create', where: 'subject.tp > 0' }]);
    await app.hear(post(1), message('Statistic', { id: 3, posts_scanned: 1 }));
    expect(await delivered()).toEqual(['statistics 3 the event does not lead to a post']);
  });

  it('sees the post of a review by its item', async () => {
    await start([{ events: 'review_results#create', where: 'subject.title == "Post 1"' }]);
    const item = message('ReviewItem', { id: 9, reviewable_type: 'Post', reviewable_id: 1 });
    await app.hear(post(1), item, message('ReviewResult', { id: 4, review_item_id: 9, result: 'tp' }));
    expect(await delivered()).toEqual(['review_results 4']);
  });

  it('sees the post of a derived event', async () => {
    await start([{ events: 'posts#confirmed', where: 'subject.title == "Post 2"' }]);
    await app.hear(post(1), post(2), vote(1, 1, 'tp'), vote(2, 2, 'tp'));
    expect(await delivered()).toEqual(['posts 2']);
  });

  it('leaves the first subscription that matches to decide', async () => {
    await start([
      { id: 'no', events: 'feedbacks#create', where: 'subject.fp > 5' },
      { id: 'yes', events: 'feedbacks#create', where: 'object.feedback_type == "tp"' },
    ]);
    await app.hear(post(1), vote(1, 1, 'tp'));
    const rows = await app.db.selectFrom('deliveries').select('subscription').execute();
    expect(rows).toEqual([{ subscription: 'yes' }]);
  });

  it('is judged again when a failed event is retried', async () => {
    await start([{ events: 'feedbacks#create', where: 'subject.fp == 1' }]);
    await app.hear(post(1));
    await app.db.schema.alterTable('deliveries').renameTo('hidden').execute();
    app.pipeline.receive(vote(1, 1, 'fp'));
    await app.clock.advance(0);
    await app.db.schema.alterTable('hidden').renameTo('deliveries').execute();
    expect(await retryDeadLetter(app.db, 'e2', app.clock.now())).toBe('done');
    await app.clock.advance(5_000);
    expect(await delivered()).toEqual(['feedbacks 1']);
  });

  it('makes the source send all about posts, and is stored as one event if it comes twice', async () => {
    await start([{ events: 'feedbacks#create', where: 'subject.fp == 1' }]);
    expect(app.parts.ingest.live.router.union.get('deletion_logs')?.has('create')).toBe(true);
    await app.hear(vote(1, 1, 'fp'), vote(1, 1, 'fp'));
    expect(await delivered()).toEqual(['feedbacks 1']);
  });

  it('makes the weight of reports be fetched, if it asks about that', async () => {
    const api = await startMetasmokeApi('secret-key');
    onTestFinished(() => api.stop());
    api.tables.reasons.push({ id: 1, reason_name: 'bad word', weight: 250 });
    api.tables.posts.push({ id: 1, title: 'Post 1', reason_ids: [1] });
    await start([{ events: 'feedbacks#create', where: 'subject.weight > 200' }], `api: "${api.url}"`);
    await app.hear(vote(1, 1, 'fp'), post(1));
    await app.listenUntil(
      async () => (await app.db.selectFrom('post_details').selectAll().execute()).length > 0,
      1_000,
    );
    await app.hear(vote(2, 1, 'fp'));
    expect(await delivered()).toEqual(['feedbacks 2']);
  });
});

it('reads nothing of a post for rooms whose conditions do not ask about it', async () => {
  await start([
    { events: 'feedbacks#create', where: 'object.feedback_type == "fp"' },
    { events: 'deletion_logs#create', where: 'subject.fp > 0' },
  ]);
  const { router } = app.parts.ingest.live;
  expect(router.asksSubject({ model: 'feedbacks', type: 'create' })).toBe(false);
  expect(router.asksSubject({ model: 'deletion_logs', type: 'create' })).toBe(true);
  expect(router.details).toEqual([]);
  await app.hear(vote(1, 1, 'fp'), deletion(1, 1));
  expect(await delivered()).toEqual(['feedbacks 1', 'deletion_logs 1']);
});
