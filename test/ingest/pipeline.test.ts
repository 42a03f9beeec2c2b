import { sql } from 'kysely';
import { describe, expect, it, vi } from 'vitest';
import { newestPost } from '../../src/ingest/store-event.ts';
import { dropDeadLetter, listDeadLetters, retryDeadLetter } from '../../src/outbox/rows/dead-letters.ts';
import { systemClock } from '../../src/time/clock.ts';
import { itOnSqlite } from '../support/postgres/it-on-sqlite.ts';
import { createTestApp, type TestApp, type TestAppOptions } from '../support/test-app.ts';
import { createTestClock } from '../support/test-clock.ts';

const roomA = 'matrix:!a:a.org';
const roomB = 'matrix:!b:a.org';
let app: TestApp;
let woken: number[] = [];

interface Subscribed {
  readonly events: string;
  readonly rooms?: readonly string[];
  readonly where?: string;
}

/** Subscriptions s0, s1, … in this order, for room a unless they name others. */
function subscriptionsOf(...all: readonly Subscribed[]): string {
  const list = all.map((one, n) => ({ id: `s${n}`, rooms: [roomA], ...one }));
  return `rooms: { a: "${roomA}", b: "${roomB}" }\nsubscriptions: ${JSON.stringify(list)}`;
}

async function start(subscriptions: readonly Subscribed[], more: Partial<TestAppOptions> = {}): Promise<void> {
  app = await createTestApp({ config: subscriptionsOf(...subscriptions), ...more });
  woken = [];
  app.parts.base.directory.onWake((id) => woken.push(id) > 0);
}

const post = (id: number, type = 'create', more = {}) => ({
  event_type: type,
  event_class: 'Post',
  object: { id, title: `post ${id}`, updated_at: '2026-01-02T03:04:05.000Z', ...more },
});
const feedback = (id: number, postId: number) => ({
  event_type: 'create',
  event_class: 'Feedback',
  object: { id, post_id: postId, feedback_type: 'tpu-', updated_at: '2026-01-02T03:04:05.000Z' },
});
const deliveries = () =>
  app.db.selectFrom('deliveries').select(['event_id', 'room_id', 'subscription', 'subject', 'due_at']).execute();
/** How long each delivery waits from now on, ms. */
const waits = async () => (await deliveries()).map((delivery) => delivery.due_at - app.clock.now());

describe('one event', () => {
  it('becomes a delivery in every room that subscribes to it, with the subscription that matched first', async () => {
    await start([{ events: 'posts' }, { events: 'posts#create', rooms: [roomA, roomB] }]);
    await app.hear(post(1));
    const due_at = app.clock.now();
    expect(await deliveries()).toEqual([
      { event_id: 1, room_id: 1, subscription: 's0', subject: 'post:1', due_at },
      { event_id: 1, room_id: 2, subscription: 's1', subject: 'post:1', due_at },
    ]);
    expect(woken.toSorted()).toEqual([1, 2]);
  });

  it('is kept, without a delivery, if no subscription matches', async () => {
    await start([{ events: 'flag_logs' }]);
    await app.hear(post(1));
    expect([app.pipeline.counts.received, await deliveries()]).toEqual([1, []]);
  });

  it('is dropped if it was received before', async () => {
    await start([{ events: 'posts' }]);
    await app.hear(post(1), post(1), post(1));
    const { received, duplicate } = app.pipeline.counts;
    expect([received, duplicate, (await deliveries()).length]).toEqual([1, 2, 1]);
  });

  it('matches a condition that cannot be evaluated, which is counted and stored with the delivery', async () => {
    await start([
      { events: 'posts', where: '10 / object.score == 2' },
      { events: 'posts', rooms: [roomB] },
    ]);
    await app.hear(post(1, 'create', { score: 0 }));
    expect(app.pipeline.counts.conditionsFailed).toBe(1);
    const rows = await app.db.selectFrom('deliveries').select('condition_failed').orderBy('id').execute();
    expect(rows.map((row) => row.condition_failed)).toEqual([expect.stringMatching(/division by zero/i), null]);
  });
});

it.each([
  [null],
  [1],
  ['text'],
  [[]],
  [{}],
  [{ event_type: 'create' }],
  [{ flag_log: {} }],
  [{ statistic: {} }],
  [post(1, 'explode')],
])('a message that is not an event is left out: %j', async (message) => {
  await start([{ events: 'posts' }]);
  app.client.message(message);
  await app.hear(post(1));
  expect(app.pipeline.counts.received).toBe(1);
});

describe('an event that has no time', () => {
  const minute = 60_000;
  const receivedAgain = async () => {
    app.pipeline.receive({ event_type: 'update', event_class: 'Reason', object: { id: 1, weight: 5 } });
    await app.pipeline.idle();
    return app.pipeline.counts.received;
  };

  it('is known for ten minutes, and then is a new one', async () => {
    await start([]);
    expect(await receivedAgain()).toBe(1);
    await app.clock.advance(9 * minute);
    expect(await receivedAgain()).toBe(1);
    await app.clock.advance(2 * minute);
    expect(await receivedAgain()).toBe(2);
  });

  it.each([-15, 15])('is known for as long if the clock is set by %i minutes', async (by) => {
    await start([]);
    expect(await receivedAgain()).toBe(1);
    app.clock.set(by * minute);
    await app.clock.advance(9 * minute);
    expect(await receivedAgain()).toBe(1);
    await app.clock.advance(2 * minute);
    expect(await receivedAgain()).toBe(2);
  });

  it('counts from the start if an earlier process stored it under a clock that was set back since', async () => {
    await start([], { store: 'file' });
    await receivedAgain();
    await app.kill();
    app.clock.set(-15 * minute);
    await app.start();
    expect(await receivedAgain()).toBe(0);
    await app.clock.advance(11 * minute);
    expect(await receivedAgain()).toBe(1);
    await app.clock.advance(5 * minute);
    expect(await receivedAgain()).toBe(1);
  });
});

describe('a flood', () => {
  itOnSqlite('leaves everything else a turn between two transactions, and wakes the rooms after each', async () => {
    await start([{ events: 'posts' }], { clock: { ...createTestClock(), turn: systemClock.turn } });
    const { pipeline } = app;
    const seen: number[] = [];
    let flooding = true;
    const turn = () => {
      seen.push(pipeline.counts.received);
      if (flooding) setImmediate(turn);
    };
    for (let id = 1; id <= 1_000; id++) pipeline.receive(post(id));
    setImmediate(turn);
    await pipeline.idle();
    flooding = false;
    expect(new Set(seen.filter((received) => received < 1_000)).size).toBe(15);
    expect([pipeline.counts.received, woken.length]).toEqual([1_000, 16]);
  });

  it('that is over for the moment has its last events committed at the stop', async () => {
    await start([{ events: 'posts' }]);
    const { counts } = app.pipeline;
    for (let id = 1; id <= 1_000; id++) app.pipeline.receive(post(id));
    await app.stop();
    expect(counts.received).toBe(1_000);
  });
});

describe('an event about a post', () => {
  it('waits up to half a second for a post that is newer than any seen', async () => {
    await start([{ events: 'posts#create;feedbacks' }]);
    await app.hear(feedback(1, 50));
    expect(await waits()).toEqual([500]);
  });

  it('is released the moment its post comes', async () => {
    await start([{ events: 'posts#create;feedbacks' }]);
    await app.hear(feedback(1, 50));
    await app.hear(post(50));
    expect(await waits()).toEqual([0, 0]);
  });

  it('does not wait for an old post', async () => {
    await start([{ events: 'posts#create;feedbacks' }]);
    await app.hear(post(50), feedback(1, 49));
    expect(await waits()).toEqual([0, 0]);
  });

  it('does not wait if no subscription requests posts', async () => {
    await start([{ events: 'feedbacks' }]);
    await app.hear(feedback(1, 50));
    expect(await waits()).toEqual([0]);
  });

  it('does not wait for a post that is older than one from before the start', async () => {
    await start([{ events: 'posts#create;feedbacks' }], { store: 'file' });
    await app.hear(post(9), post(100), post(20));
    expect(await newestPost(app.db)).toBe(100);
    await app.restart();
    await app.hear(feedback(1, 99));
    expect((await waits()).at(-1)).toBe(0);
    await app.hear(feedback(2, 101));
    expect((await waits()).at(-1)).toBe(500);
  });
});

describe('an event that our own code fails on', () => {
  /** Breaks routing for the event with id 1, as long as `broken.now` holds. */
  function breakRouting(broken: { now: boolean }): void {
    const { router } = app.parts.ingest.live;
    const { route } = router;
    vi.spyOn(router, 'route').mockImplementation((event, subject) => {
      if (broken.now && event.rowId === '1') throw new Error('a bug of ours');
      return route(event, subject);
    });
  }

  it('is kept as failed and listed; the others go on', async () => {
    await start([{ events: 'posts' }]);
    breakRouting({ now: true });
    await app.hear(post(1), post(2));
    const [letter, ...more] = await listDeadLetters(app.db);
    expect([letter?.id, letter?.kind, letter?.subject, letter?.reason]).toEqual([
      'e1',
      'event',
      'post:1',
      'a bug of ours',
    ]);
    expect(more).toEqual([]);
    expect((await deliveries()).map((d) => d.subject)).toEqual(['post:2']);
  });

  it('is run again when the operator asks for it', async () => {
    const broken = { now: true };
    await start([{ events: 'posts' }]);
    breakRouting(broken);
    await app.hear(post(1));
    await retryDeadLetter(app.db, 'e1', app.clock.now());
    await app.clock.advance(2_000);
    expect((await listDeadLetters(app.db)).map((letter) => letter.id)).toEqual(['e1']);
    broken.now = false;
    await retryDeadLetter(app.db, 'e1', app.clock.now());
    await app.clock.advance(2_000);
    expect(await listDeadLetters(app.db)).toEqual([]);
    expect((await deliveries()).map((d) => d.subject)).toEqual(['post:1']);
  });

  it('is not run again once it was dropped', async () => {
    await start([{ events: 'posts' }]);
    breakRouting({ now: true });
    await app.hear(post(1));
    expect(await dropDeadLetter(app.db, 'e1', app.clock.now())).toBe('done');
    expect(await retryDeadLetter(app.db, 'e1', app.clock.now())).toBe('unknown');
  });
});

itOnSqlite(
  'a store that cannot be written loses nothing: events that come meanwhile are written as soon as it can be',
  async () => {
    await start([{ events: 'posts' }]);
    await sql`pragma query_only = 1`.execute(app.db);
    app.pipeline.receive(post(1));
    await app.clock.advance(0);
    app.pipeline.receive(post(2));
    await app.clock.advance(2_500);
    expect(app.pipeline.counts.received).toBe(0);
    await sql`pragma query_only = 0`.execute(app.db);
    await app.clock.advance(30_000);
    await app.pipeline.idle();
    expect(app.pipeline.counts.received).toBe(2);
    expect((await deliveries()).map((d) => d.subject)).toEqual(['post:1', 'post:2']);
  },
);

describe('a review', () => {
  const item = {
    event_type: 'create',
    event_class: 'ReviewItem',
    object: { id: 9, reviewable_type: 'Post', reviewable_id: 1 },
  };
  const result = {
    event_type: 'create',
    event_class: 'ReviewResult',
    object: { id: 4, review_item_id: 9, result: 'tp' },
  };

  it.each([
    ['before', [item, result]],
    ['after', [result, item]],
  ])('is kept in memory with the post of its item, which came %s it', async (_, messages) => {
    await start([{ events: 'review_results;review_items' }]);
    for (const message of messages) await app.hear(message);
    const { id } = await app.db
      .selectFrom('events')
      .select('id')
      .where('model', '=', 'review_results')
      .executeTakeFirstOrThrow();
    expect((await app.parts.base.events.get(id)).subject).toBe('post:1');
  });
});
