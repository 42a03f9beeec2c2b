import { afterEach, describe, expect, it } from 'vitest';
import { safeguards } from '../../src/app/safeguards.ts';
import type { Pipeline } from '../../src/ingest/pipeline.ts';
import { lastReceivedAt, newestBefore } from '../../src/inputs/gaps/event-marks.ts';
import { createOutageWatch } from '../../src/inputs/source/outage-watch.ts';
import type { SourceState } from '../../src/inputs/source/state.ts';
import { createTimedEvents } from '../../src/inputs/timed/timed-events.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { formatEventSpec, parseEventSpec } from '../../src/metasmoke/event-spec.ts';
import { retryDeadLetter } from '../../src/outbox/rows/dead-letters.ts';
import { isMoreThan } from '../../src/outbox/rows/is-behind.ts';
import { createPicker } from '../../src/outbox/rows/pick.ts';
import { storeRooms } from '../../src/outbox/rows/rooms.ts';
import { compileCondition } from '../../src/router/condition.ts';
import { createRouter } from '../../src/router/router.ts';
import { modelsOf } from '../../src/router/spec-models.ts';
import { noOptions } from '../../src/router/subscription-options.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import type { EventObject } from '../../src/words.ts';
import { createTestPipeline } from '../support/pipeline-rig.ts';
import { createTestClock } from '../support/test-clock.ts';

const catalogue = createCatalogue();

/** All that takes part in concluding, over a store that outlives it. */
async function createRig(events: string, store: Store, clock = createTestClock(), where?: string, fetches = true) {
  const { db } = store;
  const parsed = parseEventSpec(events, catalogue);
  if (parsed.outcome !== 'ok') throw new Error(JSON.stringify(parsed.problems));
  const compiled = where === undefined ? null : compileCondition(where, modelsOf(parsed.spec, catalogue));
  if (compiled?.outcome === 'problems') throw new Error(JSON.stringify(compiled.problems));
  const subscription = { id: 's', events: parsed.spec, where: compiled?.condition ?? null, template: null };
  const router = createRouter([{ ...subscription, rooms: ['console:a'], options: noOptions }]);
  const [room] = await storeRooms(db, [{ name: 'a', address: 'console:a', platform: 'console' }]);
  const pipeline: Pipeline = createTestPipeline(store, clock, {
    router,
    roomId: () => room!.id,
  });
  const byTime = createTimedEvents({
    db,
    source: 'metasmoke',
    lingeringAfterMs: 600_000,
    fetches,
    router,
    pipeline,
    clock,
    log: silentLog,
  });
  pipeline.onCommitted((committed) => committed.forEach(byTime.received));
  const news = createOutageWatch({
    name: 'metasmoke',
    lostAfterMs: 120_000,
    tell: () => {},
    onLost: byTime.lost,
    onHeard: byTime.heard,
    clock,
  });
  await byTime.start();
  return {
    db,
    clock,
    pipeline,
    router,
    roomId: room!.id,
    became(state: SourceState) {
      news.became(state);
      byTime.became(state);
    },
    async hear(...messages: readonly object[]) {
      for (const message of messages) pipeline.receive(message);
      await pipeline.idle();
    },
    async delivered() {
      await pipeline.idle();
      const rows = await db
        .selectFrom('deliveries as d')
        .innerJoin('events as e', 'e.id', 'd.event_id')
        .select(['e.model', 'e.type', 'e.subject'])
        .orderBy('d.id')
        .execute();
      return rows.map(({ model, type, subject }) => `${model}#${type} ${subject}`);
    },
    async advance(ms: number) {
      await clock.advance(ms);
      await pipeline.idle();
    },
    async stop() {
      news.stop();
      const stopped = Promise.all([byTime.stop(), pipeline.stop(AbortSignal.abort())]);
      await clock.advance(5_000);
      await stopped;
    },
  };
}

type Rig = Awaited<ReturnType<typeof createRig>>;
let store: Store;
let rig: Rig;
const start = async (events: string, where?: string) => {
  store = await openStore(':memory:');
  rig = await createRig(events, store, createTestClock(), where);
};
/** The process ends and another one begins with the same store. */
const restart = async (events: string, fetches = true) => {
  await rig.stop();
  rig = await createRig(events, store, rig.clock, undefined, fetches);
};
afterEach(async () => {
  await rig.stop();
  await store.close();
});

const now = () => new Date(rig.clock.now()).toISOString();
const message = (event_class: string, event_type: string, object: EventObject) => ({ event_type, event_class, object });
const post = (id: number, more: EventObject = {}, type = 'create') =>
  message('Post', type, { id, title: `Post ${id}`, user_reputation: 1, created_at: now(), updated_at: now(), ...more });
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
const subscribed = { state: 'subscribed' } as const;

describe('what follows from an event', () => {
  it('is written and delivered with it, once over repetitions and restarts', async () => {
    await start('posts#deleted,undeleted,confirmed');
    const life = [post(1), vote(1, 1, 'tp'), deletion(1, 1)];
    await rig.hear(...life, ...life);
    await restart('posts#deleted,undeleted,confirmed');
    await rig.hear(...life, vote(2, 1, 'tp'), deletion(2, 1, false));
    expect(await rig.delivered()).toEqual(['posts#confirmed post:1', 'posts#deleted post:1', 'posts#undeleted post:1']);
    expect(rig.pipeline.counts.received).toBe(2);
  });

  it('is in the same transaction: if it cannot be written its trigger fails, and both come when that is retried', async () => {
    await start('posts#deleted');
    await rig.hear(post(1));
    await rig.db.schema.alterTable('deliveries').renameTo('hidden').execute();
    rig.pipeline.receive(deletion(1, 1));
    await rig.clock.advance(0);
    const rows = await rig.db.selectFrom('events').select(['model', 'state']).execute();
    expect(rows).toEqual([
      { model: 'posts', state: 'routed' },
      { model: 'deletion_logs', state: 'failed' },
    ]);
    await rig.db.schema.alterTable('hidden').renameTo('deliveries').execute();
    expect(await retryDeadLetter(rig.db, 'e2', rig.clock.now())).toBe('done');
    rig.pipeline.start();
    await rig.advance(5_000);
    expect(await rig.delivered()).toEqual(['posts#deleted post:1']);
  });

  it('is not concluded where nobody asks for it', async () => {
    await start('posts');
    await rig.hear(post(1), deletion(1, 1));
    const rows = await rig.db.selectFrom('events').select('id').where('origin', '=', 'derived').execute();
    expect([rows, await rig.delivered()]).toEqual([[], ['posts#create post:1']]);
  });

  it('is asked for with conditions over the row and what it has more', async () => {
    await start('posts#deleted', 'object.user_reputation < 10 && object.deleted_after > 60');
    await rig.hear(post(1), post(2), post(3, { user_reputation: 50 }));
    await rig.clock.advance(30_000);
    await rig.hear(deletion(1, 1));
    await rig.clock.advance(60_000);
    await rig.hear(deletion(2, 2), deletion(3, 3));
    expect(await rig.delivered()).toEqual(['posts#deleted post:2']);
  });

  it('stands directly behind its trigger among what waits together', async () => {
    await start('posts;feedbacks#create;posts#confirmed');
    await rig.hear(post(1));
    const earlier = now();
    await rig.clock.advance(10_000);
    await rig.hear(post(1, { score: 1 }, 'update'));
    // It comes late, and belongs before the update.
    await rig.hear(message('Feedback', 'create', { id: 1, post_id: 1, feedback_type: 'tp', updated_at: earlier }));
    const picker = createPicker(rig.db, rig.roomId, rig.clock.now(), safeguards.inOrder, 1);
    const order = [];
    for (let one = await picker.next(); one !== null; one = await picker.next()) order.push(`${one.model}#${one.type}`);
    expect(order).toEqual(['posts#create', 'feedbacks#create', 'posts#confirmed', 'posts#update']);
  });

  it('proves nothing of what the source told, and is no second event where its trigger came too', async () => {
    await start('feedbacks#create;posts#confirmed');
    await rig.hear(vote(1, 900, 'tp'));
    const heardAt = rig.clock.now();
    expect(await rig.delivered()).toHaveLength(2);
    const before = heardAt + 1_000;
    expect(await newestBefore(rig.db, { source: 'metasmoke', model: 'posts' }, before)).toBeNull();
    const count = { since: heardAt - 1, count: 1 };
    expect(await isMoreThan(rig.db, rig.roomId, count)).toBe(false);
  });

  it('is also concluded from what was fetched', async () => {
    await start('posts#deleted');
    rig.pipeline.receive(post(1, { deleted_at: now() }), 'backfilled');
    expect(await rig.delivered()).toEqual(['posts#deleted post:1']);
  });
});

describe('a post that lingers', () => {
  it('is told of once, when its time has come, and also after a restart', async () => {
    await start('posts#lingering');
    rig.became(subscribed);
    await rig.hear(post(1), post(2), post(3), post(4));
    await rig.hear(deletion(1, 2), vote(1, 3, 'fp'));
    await rig.advance(590_000);
    expect(await rig.delivered()).toEqual([]);
    await rig.advance(15_000);
    expect(await rig.delivered()).toEqual(['posts#lingering post:1', 'posts#lingering post:4']);
    await restart('posts#lingering');
    rig.became(subscribed);
    await rig.advance(120_000);
    expect(await rig.delivered()).toHaveLength(2);
    expect(await lastReceivedAt(rig.db, 'metasmoke', rig.clock.now())).toBeLessThan(rig.clock.now() - 600_000);
  });

  it('is told of after a restart if that is less than an hour late, and only once the source is heard', async () => {
    await start('posts#lingering');
    await rig.hear(post(1));
    await rig.advance(50 * 60_000);
    await rig.hear(post(2));
    await restart('posts#lingering');
    await rig.advance(25 * 60_000);
    expect(await rig.delivered()).toEqual([]);
    rig.became(subscribed);
    await rig.advance(70_000);
    expect(await rig.delivered()).toEqual(['posts#lingering post:2']);
  });
});

describe('a post that lingers where nothing can be fetched', () => {
  it('is told of as soon as the source is heard', async () => {
    await start('posts#lingering');
    await rig.hear(post(1));
    await restart('posts#lingering', false);
    await rig.advance(11 * 60_000);
    expect(await rig.delivered()).toEqual([]);
    rig.became(subscribed);
    await rig.advance(6_000);
    expect(await rig.delivered()).toEqual(['posts#lingering post:1']);
  });
});

describe('a detector', () => {
  const ping = (id: number, more: EventObject = {}) =>
    message('SmokeDetector', 'update', { id, name: `d${id}`, last_ping: now(), updated_at: now(), ...more });

  it('that is silent is told of once, and when it pings again', async () => {
    await start('smoke_detectors#silent,back');
    rig.became(subscribed);
    await rig.hear(ping(1), ping(2, { is_standby: true }), ping(3));
    for (let minute = 0; minute < 4; minute++) {
      await rig.advance(60_000);
      await rig.hear(ping(3));
    }
    expect(await rig.delivered()).toEqual(['smoke_detectors#silent smoke_detector:1']);
    await restart('smoke_detectors#silent,back');
    rig.became(subscribed);
    await rig.advance(60_000);
    await rig.hear(ping(1), ping(1, { location: 'attic' }));
    expect(await rig.delivered()).toEqual([
      'smoke_detectors#silent smoke_detector:1',
      'smoke_detectors#back smoke_detector:1',
    ]);
  });

  it('is not silent because we did not hear', async () => {
    await start('smoke_detectors#silent');
    rig.became(subscribed);
    await rig.hear(ping(1));
    await rig.advance(100_000);
    rig.became({ state: 'lost', since: rig.clock.now(), reason: 'closed' });
    await rig.advance(600_000);
    rig.became(subscribed);
    await rig.advance(170_000);
    expect(await rig.delivered()).toEqual([]);
    await rig.advance(20_000);
    expect(await rig.delivered()).toHaveLength(1);
  });

  it('has a low quota once until it is above again', async () => {
    await start('statistics#quota_low');
    let id = 0;
    const statistic = (quota: number, detector = 7) =>
      message('Statistic', 'create', { id: ++id, api_quota: quota, smoke_detector_id: detector, updated_at: now() });
    await rig.hear(statistic(1_200), statistic(900), statistic(800), statistic(700, 8), statistic(5_000));
    await rig.hear(statistic(999), statistic(998));
    expect(await rig.delivered()).toEqual([
      'statistics#quota_low statistic:2',
      'statistics#quota_low statistic:4',
      'statistics#quota_low statistic:6',
    ]);
  });
});

describe('the source', () => {
  const lost = (): SourceState => ({ state: 'lost', since: rig.clock.now(), reason: 'closed' });

  it('is lost after two minutes, and back after that, also in another process', async () => {
    await start('source');
    rig.became(subscribed);
    rig.became(lost());
    await rig.advance(110_000);
    rig.became(subscribed);
    await rig.advance(60_000);
    expect(await rig.delivered()).toEqual([]);
    rig.became(lost());
    await rig.advance(130_000);
    expect(await rig.delivered()).toEqual(['source#lost source:metasmoke']);
    await restart('source');
    rig.became(subscribed);
    await rig.advance(1_000);
    rig.became(subscribed);
    await rig.advance(1_000);
    expect(await rig.delivered()).toEqual(['source#lost source:metasmoke', 'source#back source:metasmoke']);
    const row = await rig.db.selectFrom('events').select('object').where('type', '=', 'back').executeTakeFirstOrThrow();
    expect(JSON.parse(row.object)).toMatchObject({ name: 'metasmoke', reason: 'closed' });
  });

  it('asks nothing of metasmoke', async () => {
    await start('source;posts#deleted;smoke_detectors#silent;statistics#quota_low');
    expect(formatEventSpec(rig.router.union)).toBe(
      'deletion_logs#create,update,destroy;posts#create,update,destroy;smoke_detectors#create,update;statistics#create',
    );
  });
});
