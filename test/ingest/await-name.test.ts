import { describe, expect, it } from 'vitest';
import { parseEventSpec, type SentSpec } from '../../src/catalogue/event-spec.ts';
import { awaitNameUntil } from '../../src/ingest/await-name.ts';
import type { EventObject } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';
import { catalogue } from '../support/the-catalogue.ts';

const room = 'matrix:!a:a.org';
let app: TestApp;

async function start(events = 'feedbacks', more: object = {}, files: Readonly<Record<string, string>> = {}) {
  const subscriptions = [{ events, rooms: room, template: 't', ...more }];
  const text = '{{event.model}}#{{event.type}} {{object.id}} {{default object.user_name "?"}}';
  app = await createTestApp({
    config: `subscriptions: ${JSON.stringify(subscriptions)}`,
    files: { 'my-templates/t.hbs': text, ...files },
  });
}

const shown = () => app.platform.shown('!a:a.org');
const message = (event_class: string, event_type: string, object: EventObject) => ({ event_type, event_class, object });
/** metasmoke's times have no fraction. */
const wholeSecond = () => new Date(Math.floor(app.clock.now() / 1_000) * 1_000).toISOString();
const row = (id: number, user_name: string | null, post_id = 1) => ({
  ...{ id, post_id, user_id: id + 100, feedback_type: 'tp-', user_name },
  updated_at: wholeSecond(),
});
const created = (id: number, name: string | null = null, post = 1) =>
  message('Feedback', 'create', row(id, name, post));
const updated = (id: number, name: string | null, post = 1) => message('Feedback', 'update', row(id, name, post));
const post = (type: string, score: number) => message('Post', type, { id: 1, score, updated_at: wholeSecond() });
const reasons = async () => {
  const rows = await app.db.selectFrom('deliveries').select(['state', 'reason']).orderBy('id').execute();
  return rows.map(({ state, reason }) => (reason === null ? state : `${state}: ${reason}`));
};

describe('a vote without the name of its voter', () => {
  it('is one message with the name that an update brings some milliseconds later', async () => {
    await start();
    await app.hear(created(1));
    expect(await reasons()).toEqual(['waiting: awaits name']);
    await app.listen(7);
    await app.hear(updated(1, 'Ann'));
    expect(shown()).toEqual(['feedbacks#create 1 Ann']);
    expect(await reasons()).toEqual(['sent', expect.stringMatching(/^cancelled: it says the same as message/)]);
  });

  it('is one message in a room that does not get updates', async () => {
    await start('feedbacks#create');
    await app.hear(created(1));
    await app.listen(7);
    await app.hear(updated(1, 'Ann'));
    expect(shown()).toEqual(['feedbacks#create 1 Ann']);
    await app.listen(1_000);
    expect([shown().length, await reasons()]).toEqual([1, ['sent']]);
  });

  it('is one message if its update comes first, in one frame or some milliseconds earlier', async () => {
    await start();
    await app.hear(created(1, 'Zoe'), updated(2, 'Ann'), created(2));
    await app.hear(updated(3, 'Bob'));
    await app.listen(7);
    await app.hear(created(3));
    await app.listen(1_000);
    expect(shown()).toEqual(['feedbacks#create 1 Zoe', 'feedbacks#create 2 Ann', 'feedbacks#create 3 Bob']);
  });

  it('is sent as it is if no name comes within half a second; a name that comes later is news', async () => {
    await start();
    await app.hear(created(1));
    await app.listen(499);
    expect(shown()).toEqual([]);
    await app.listen(1);
    expect(shown()).toEqual(['feedbacks#create 1 ?']);
    await app.hear(updated(1, null));
    expect(shown()).toHaveLength(1);
    await app.hear(updated(1, 'Ann'));
    expect(shown()).toEqual(['feedbacks#create 1 ?', 'feedbacks#update 1 Ann']);
  });

  it('does not wait for the name of another vote, and what stands behind it goes with it', async () => {
    await start('feedbacks;posts#update');
    await app.hear(created(1), created(2));
    await app.listen(5);
    await app.hear(post('update', 1), updated(2, 'Bob'));
    expect(shown()).toEqual([]);
    await app.hear(updated(1, 'Ann'));
    expect(shown()).toEqual(['feedbacks#create 1 Ann', 'feedbacks#create 2 Bob', 'posts#update 1 ?']);
  });

  it('that overtook its post waits for both, and its room is woken though it does not get the post', async () => {
    const other = { events: 'posts', rooms: 'matrix:!b:a.org', template: 't' };
    const votes = { events: 'feedbacks', rooms: room, template: 't' };
    app = await createTestApp({
      config: `subscriptions: ${JSON.stringify([votes, other])}`,
      files: { 'my-templates/t.hbs': '{{event.model}}#{{event.type}} {{object.id}} {{default object.user_name "?"}}' },
    });
    await app.hear(post('create', 1));
    await app.hear(created(1, null, 2));
    await app.listen(5);
    await app.hear(message('Post', 'create', { id: 2, updated_at: wholeSecond() }));
    expect([shown(), await reasons()]).toEqual([[], ['sent', 'waiting: awaits name', 'sent']]);
    await app.hear(updated(1, 'Ann', 2), created(2, 'Bob', 3));
    expect(shown()).toEqual(['feedbacks#create 1 Ann']);
    await app.hear(message('Post', 'create', { id: 3, updated_at: wholeSecond() }));
    expect(shown()).toEqual(['feedbacks#create 1 Ann', 'feedbacks#create 2 Bob']);
  });

  it('does not delay other posts', async () => {
    await start();
    await app.hear(created(1), created(2, 'Bob', 2));
    expect(shown()).toEqual(['feedbacks#create 2 Bob']);
  });

  it('waits on after a crash, no longer than before', async () => {
    app = await createTestApp({
      config: `subscriptions: [{ events: feedbacks, rooms: "${room}", template: t }]`,
      files: { 'my-templates/t.hbs': '{{event.type}} {{default object.user_name "?"}}' },
      store: 'file',
    });
    await app.hear(created(1));
    await app.restart();
    await app.hear(updated(1, 'Ann'));
    await app.listen(600);
    expect(shown()).toEqual(['create Ann']);
  });
});

describe('the wait for a name', () => {
  const spec = (text: string): SentSpec => {
    const parsed = parseEventSpec(text, catalogue);
    if (parsed.outcome !== 'ok') throw new Error(text);
    return parsed.spec as SentSpec;
  };
  const vote = (more: object = {}, object: EventObject = {}) => ({
    ...anEvent({ model: 'feedbacks', id: 8, receivedAt: 1_000, object: { user_id: 1, user_name: null, ...object } }),
    ...more,
  });

  it('is for a vote of a known user, and for an update that is newer than any vote seen, 500 ms from its arrival', () => {
    expect(awaitNameUntil(vote(), spec('feedbacks'), null)).toBe(1_500);
    expect(awaitNameUntil(vote({ type: 'update' }), spec('feedbacks'), 7)).toBe(1_500);
  });

  it.each([
    ['that has the name', vote({}, { user_name: 'Ann' }), 'feedbacks'],
    ['of an unknown user', vote({}, { user_id: null }), 'feedbacks'],
    ['that was fetched', vote({ origin: 'backfilled' }), 'feedbacks'],
    ['that is removed', vote({ type: 'destroy' }), 'feedbacks'],
    ['whose updates are not requested', vote(), 'feedbacks#create'],
    ['that is the update of a vote that was seen', vote({ type: 'update', rowId: '7' }), 'feedbacks'],
    ['that is no vote', anEvent({ object: { user_id: 1 } }), 'posts'],
  ])('is not for something %s', (_, event, requested) => {
    expect(awaitNameUntil(event, spec(requested), 7)).toBeNull();
  });
});
