import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import type { Pipeline, PipelineOptions } from '../../src/ingest/pipeline.ts';
import { newestPost } from '../../src/ingest/store-event.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { parseEventSpec } from '../../src/metasmoke/event-spec.ts';
import { dropDeadLetter, listDeadLetters, retryDeadLetter } from '../../src/outbox/rows/dead-letters.ts';
import { storeRooms } from '../../src/outbox/rows/rooms.ts';
import { createRouter, type Router } from '../../src/router/router.ts';
import { noOptions } from '../../src/router/subscription-options.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { systemClock } from '../../src/time/clock.ts';
import type { Event } from '../../src/words.ts';
import { createTestPipeline } from '../support/pipeline-rig.ts';
import { createTestClock } from '../support/test-clock.ts';

const catalogue = createCatalogue();
const clock = createTestClock();
let store: Store;
let pipeline: Pipeline;
let woken: number[] = [];

/** A router that sends these event specs to these rooms, in this order. */
function routerOf(...subscriptions: [events: string, rooms: string[]][]): Router {
  return createRouter(
    subscriptions.map(([events, rooms], n) => {
      const parsed = parseEventSpec(events, catalogue);
      if (parsed.outcome !== 'ok') throw new Error(`bad spec ${events}`);
      return { id: `s${n}`, events: parsed.spec, where: null, rooms, template: null, options: noOptions };
    }),
  );
}

async function start(router: Router, more: Partial<PipelineOptions> = {}): Promise<void> {
  store = await openStore(':memory:');
  await startOn(router, more);
}

async function startOn(router: Router, more: Partial<PipelineOptions> = {}): Promise<void> {
  const addresses = ['console:a', 'console:b'];
  const rooms = await storeRooms(
    store.db,
    addresses.map((address) => ({ name: address, address, platform: 'console' as const })),
  );
  woken = [];
  pipeline = createTestPipeline(store, clock, {
    router,
    newestPost: await newestPost(store.db),
    roomId: (address) => rooms.find((room) => room.address === address)?.id,
    wake: (ids) => woken.push(...ids),
    ...more,
  });
  pipeline.start();
}

afterEach(async () => {
  const stopped = pipeline.stop(AbortSignal.abort());
  await clock.advance(60_000);
  await stopped;
  await store.close();
});

it('a condition that cannot be evaluated counts as matched, is counted, and stored with the delivery', async () => {
  const router = routerOf(['posts', ['console:a', 'console:b']]);
  const [match, other] = router.route({ model: 'posts', type: 'create' } as Event);
  await start({ ...router, route: () => [{ ...match!, conditionFailed: 'it took more than 30 ms' }, other!] });
  pipeline.receive(post(1));
  await pipeline.idle();
  expect(pipeline.counts.conditionsFailed).toBe(1);
  const rows = await store.db.selectFrom('deliveries').select('condition_failed').orderBy('id').execute();
  expect(rows.map((row) => row.condition_failed)).toEqual(['it took more than 30 ms', null]);
});

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
  store.db.selectFrom('deliveries').select(['event_id', 'room_id', 'subscription', 'subject', 'due_at']).execute();

describe('one event', () => {
  it('becomes a delivery in every room that asked for it, with the subscription that matched first', async () => {
    await start(routerOf(['posts', ['console:a']], ['posts#create', ['console:a', 'console:b']]));
    pipeline.receive(post(1));
    await pipeline.idle();
    const due_at = clock.now();
    expect(await deliveries()).toEqual([
      { event_id: 1, room_id: 1, subscription: 's0', subject: 'post:1', due_at },
      { event_id: 1, room_id: 2, subscription: 's1', subject: 'post:1', due_at },
    ]);
    expect(woken.toSorted()).toEqual([1, 2]);
  });

  it('is kept, without a delivery, when nobody asked for it', async () => {
    await start(routerOf(['flag_logs', ['console:a']]));
    pipeline.receive(post(1));
    await pipeline.idle();
    expect([pipeline.counts.received, await deliveries()]).toEqual([1, []]);
  });

  it('is dropped if it was seen', async () => {
    await start(routerOf(['posts', ['console:a']]));
    for (let n = 0; n < 3; n++) pipeline.receive(post(1));
    await pipeline.idle();
    expect([pipeline.counts.received, pipeline.counts.duplicate, (await deliveries()).length]).toEqual([1, 2, 1]);
  });

  it.each([null, 1, 'text', [], {}, { event_type: 'create' }, { flag_log: {} }, { statistic: {} }, post(1, 'explode')])(
    'that is none is left out, whatever it is: %j',
    async (message) => {
      await start(routerOf(['posts', ['console:a']]));
      pipeline.receive(message);
      pipeline.receive(post(1));
      await pipeline.idle();
      expect(pipeline.counts.received).toBe(1);
    },
  );
});

describe('an event that bears no time', () => {
  const minute = 60_000;
  const told = async () => {
    pipeline.receive({ event_type: 'update', event_class: 'Reason', object: { id: 1, weight: 5 } });
    await pipeline.idle();
    return pipeline.counts.received;
  };

  it('is known for ten minutes, and then is a new one', async () => {
    await start(routerOf());
    expect(await told()).toBe(1);
    await clock.advance(9 * minute);
    expect(await told()).toBe(1);
    await clock.advance(2 * minute);
    expect(await told()).toBe(2);
  });

  it.each([-15, 15])('is known for as long when somebody sets the clock by %i minutes', async (by) => {
    await start(routerOf());
    expect(await told()).toBe(1);
    clock.set(by * minute);
    await clock.advance(9 * minute);
    expect(await told()).toBe(1);
    await clock.advance(2 * minute);
    expect(await told()).toBe(2);
  });

  it('counts from the start where an earlier process stored it under a clock that was set back since', async () => {
    await start(routerOf());
    await told();
    await pipeline.stop(AbortSignal.abort());
    clock.set(-15 * minute);
    await startOn(routerOf());
    expect(await told()).toBe(0);
    await clock.advance(11 * minute);
    expect(await told()).toBe(1);
    await clock.advance(5 * minute);
    expect(await told()).toBe(1);
  });
});

describe('a flood', () => {
  it('leaves everybody else a turn between two transactions, and wakes the rooms after each', async () => {
    await start(routerOf(['posts', ['console:a']]), { clock: { ...clock, turn: systemClock.turn } });
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
    expect(seen.filter((received) => received < 1_000)).toHaveLength(15);
    expect([pipeline.counts.received, woken.length]).toEqual([1_000, 16]);
  });

  it('that is over for the moment has its last events committed at the stop', async () => {
    await start(routerOf(['posts', ['console:a']]));
    for (let id = 1; id <= 1_000; id++) pipeline.receive(post(id));
    await pipeline.stop(AbortSignal.abort());
    expect(pipeline.counts.received).toBe(1_000);
  });
});

describe('an event about a post', () => {
  it('waits up to half a second for a post that is newer than any seen', async () => {
    await start(routerOf(['posts#create;feedbacks', ['console:a']]));
    pipeline.receive(feedback(1, 50));
    await pipeline.idle();
    expect((await deliveries()).map((d) => d.due_at - clock.now())).toEqual([500]);
  });

  it('is released the moment its post comes', async () => {
    await start(routerOf(['posts#create;feedbacks', ['console:a']]));
    pipeline.receive(feedback(1, 50));
    await pipeline.idle();
    pipeline.receive(post(50));
    await pipeline.idle();
    expect((await deliveries()).map((d) => d.due_at - clock.now())).toEqual([0, 0]);
  });

  it('does not wait for an old post', async () => {
    await start(routerOf(['posts#create;feedbacks', ['console:a']]));
    pipeline.receive(post(50));
    pipeline.receive(feedback(1, 49));
    await pipeline.idle();
    expect((await deliveries()).map((d) => d.due_at - clock.now())).toEqual([0, 0]);
  });

  it('does not wait if posts were not asked for', async () => {
    await start(routerOf(['feedbacks', ['console:a']]));
    pipeline.receive(feedback(1, 50));
    await pipeline.idle();
    expect((await deliveries()).map((d) => d.due_at - clock.now())).toEqual([0]);
  });

  it('knows the newest post from before the start', async () => {
    await start(routerOf(['posts#create', ['console:a']]));
    for (const id of [9, 100, 20]) pipeline.receive(post(id));
    await pipeline.idle();
    expect(await newestPost(store.db)).toBe(100);
  });
});

describe('an event that our own code fails on', () => {
  const brittle = (router: Router, broken: { now: boolean }): Router => ({
    union: router.union,
    names: router.names,
    route(event) {
      if (broken.now && event.rowId === '1') throw new Error('a bug of ours');
      return router.route(event);
    },
  });

  it('is kept as failed and listed; the others go on', async () => {
    await start(brittle(routerOf(['posts', ['console:a']]), { now: true }));
    pipeline.receive(post(1));
    pipeline.receive(post(2));
    await pipeline.idle();
    const [letter, ...more] = await listDeadLetters(store.db);
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
    await start(brittle(routerOf(['posts', ['console:a']]), broken));
    pipeline.receive(post(1));
    await pipeline.idle();
    await retryDeadLetter(store.db, 'e1', clock.now());
    await clock.advance(2_000);
    expect((await listDeadLetters(store.db)).map((letter) => letter.id)).toEqual(['e1']);
    broken.now = false;
    await retryDeadLetter(store.db, 'e1', clock.now());
    await clock.advance(2_000);
    expect(await listDeadLetters(store.db)).toEqual([]);
    expect((await deliveries()).map((d) => d.subject)).toEqual(['post:1']);
  });

  it('is not run again once it was dropped', async () => {
    await start(brittle(routerOf(['posts', ['console:a']]), { now: true }));
    pipeline.receive(post(1));
    await pipeline.idle();
    expect(await dropDeadLetter(store.db, 'e1', clock.now())).toBe('done');
    expect(await retryDeadLetter(store.db, 'e1', clock.now())).toBe('unknown');
  });
});

describe('a store that cannot be written', () => {
  it('loses nothing: what came meanwhile is written once it can be', async () => {
    await start(routerOf(['posts', ['console:a']]));
    await sql`pragma query_only = 1`.execute(store.db);
    pipeline.receive(post(1));
    await clock.advance(0);
    pipeline.receive(post(2));
    await clock.advance(2_500);
    expect(pipeline.counts.received).toBe(0);
    await sql`pragma query_only = 0`.execute(store.db);
    await clock.advance(30_000);
    await pipeline.idle();
    expect(pipeline.counts.received).toBe(2);
    expect((await deliveries()).map((d) => d.subject)).toEqual(['post:1', 'post:2']);
  });
});
