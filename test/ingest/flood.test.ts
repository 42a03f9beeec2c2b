import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseEventSpec } from '../../src/catalogue/event-spec.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { createRouter } from '../../src/router/router.ts';
import { noOptions } from '../../src/router/subscription-options.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';
import { createTestPipeline } from '../support/pipeline-rig.ts';
import { createScriptedAdapter } from '../support/scripted-adapter.ts';
import { createTestClock } from '../support/test-clock.ts';

/** Cost must not grow with what waits, nor with rooms that have nothing to do: statements are counted, not seconds. */
const catalogue = createCatalogue();
let rigs: OutboxRig[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const rig of rigs) await rig.stop();
  rigs = [];
});

const addresses = (count: number) => Array.from({ length: count }, (_, n) => `matrix:!room${n}`);

function post(id: number, more: object = {}) {
  const object = { id, title: `post ${id}`, updated_at: '2026-01-02T03:04:05.000Z', ...more };
  return { event_type: 'create', event_class: 'Post', object };
}

/** An outbox with rooms, and a pipeline that sends `posts#create` to all of them. */
async function start(rooms: readonly string[], canSend = true) {
  const clock = createTestClock();
  const adapter = createScriptedAdapter();
  if (!canSend)
    adapter.answerTo = () => ({ outcome: 'notAccepted', scope: 'account', waitMs: 3_600_000, reason: '429' });
  const rig = await createOutboxRig({ rooms, clock, adapter });
  rigs.push(rig);
  const parsed = parseEventSpec('posts#create', catalogue);
  if (parsed.outcome !== 'ok') throw new Error('posts#create');
  const subscription = { id: 's', events: parsed.spec, where: null, template: null, options: noOptions, rooms };
  const pipeline = createTestPipeline(rig.store, clock, {
    router: createRouter([subscription], catalogue),
    roomId: rig.directory.roomId,
    wake: rig.directory.wake,
  });
  return { rig, pipeline, clock };
}

/** The steps in which SQLite executes a query. */
async function planOf({ db }: Store, query: string): Promise<readonly string[]> {
  const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(query)}`.execute(db);
  return rows.map(({ detail }) => detail);
}

/** The texts of all statements that were prepared from now on. */
function statements(): Set<string> {
  const texts = new Set<string>();
  const { prepare } = DatabaseSync.prototype;
  vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (this: DatabaseSync, text, ...rest) {
    texts.add(text);
    return prepare.call(this, text, ...rest);
  });
  return texts;
}

describe('an event for 5,000 rooms', () => {
  it('is stored with all its deliveries, and shown in every room', async () => {
    const { rig, pipeline, clock } = await start(addresses(5_000));
    pipeline.receive(post(1));
    await pipeline.idle();
    const { count } = await rig.store.db
      .selectFrom('deliveries')
      .select((s) => s.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBe(5_000);
    await clock.advance(0);
    expect(rig.adapter.requests).toHaveLength(5_000);
    expect(rig.shown('!room4999')).toEqual(['posts#create 1']);
  });
});

describe('rooms with nothing to do', () => {
  it('ask the store for nothing, and have no timer', async () => {
    const { rig, clock } = await start(addresses(300));
    await clock.advance(10_000);
    const pending = clock.pending;
    const all = vi.spyOn(DatabaseSync.prototype, 'prepare');
    const before = await changesOf(rig);
    await clock.advance(40_000);
    expect(clock.pending).toBe(pending);
    // The pruner and the login of the account.
    expect(pending).toBeLessThanOrEqual(3);
    expect(all.mock.calls.length).toBeLessThanOrEqual(2);
    expect(await changesOf(rig)).toBe(before);
  });
});

const changesOf = async (rig: OutboxRig) =>
  (await rig.store.db.selectNoFrom((s) => s.fn<number>('total_changes', []).as('n')).executeTakeFirstOrThrow()).n;

describe('a backlog', () => {
  it('of a thousand deliveries is sent by the same statements as one of a hundred', async () => {
    const textsFor = async (count: number) => {
      const texts = statements();
      const { pipeline, clock, rig } = await start(['matrix:!a']);
      for (let id = 1; id <= count; id++) pipeline.receive(post(id));
      await pipeline.idle();
      await clock.advance(1_000);
      expect(rig.shown()).toHaveLength(count);
      vi.restoreAllMocks();
      return texts;
    };
    const few = await textsFor(100);
    const many = await textsFor(1_000);
    expect([...many].filter((text) => !few.has(text))).toEqual([]);
  });

  it('is sent without reading the messages of a room, the deliveries or the mutes one by one', async () => {
    const { pipeline, clock, rig } = await start(['matrix:!a']);
    const texts = statements();
    for (let id = 1; id <= 30; id++) pipeline.receive(post(id));
    await pipeline.idle();
    await clock.advance(60_000);
    expect(rig.shown()).not.toEqual([]);
    vi.restoreAllMocks();
    const plans: string[] = [];
    for (const text of [...texts].filter((one) => /^(?:select|update|delete|with) /i.test(one)))
      plans.push(...(await planOf(rig.store, text.replace(/\?/g, '1'))));
    expect(plans.length).toBeGreaterThan(30);
    // A whole table, unless an index has some of its rows alone; or all messages of a room.
    const long = /^SCAN (?:m|messages|d|deliveries|mutes)\b(?! USING)|messages_room \(room_id=\?\)$/;
    expect(plans.filter((step) => long.test(step))).toEqual([]);
  });

  it('that waits is read by an index, whatever it consists of', async () => {
    const store = await openStore(':memory:');
    const plan = async (query: string) => (await planOf(store, query)).join('; ');
    expect(
      await plan(
        `select id from deliveries where room_id = 1 and state = 'waiting' and ready = 1 order by priority, id limit 1`,
      ),
    ).toContain('deliveries_ready');
    expect(
      await plan(`select min(due_at) from deliveries where room_id = 1 and state = 'waiting' and ready = 0`),
    ).toContain('deliveries_due');
    await store.close();
  });

  it('of one subject that is held back is postponed once, and not read again', async () => {
    const { rig, pipeline, clock } = await start(['matrix:!a'], false);
    for (let n = 0; n < 500; n++) pipeline.receive(post(n + 1));
    await pipeline.idle();
    await clock.advance(0);
    expect(rig.adapter.requests).toHaveLength(1);
    const before = await changesOf(rig);
    await clock.advance(600_000);
    expect((await changesOf(rig)) - before).toBeLessThan(10);
  });
});
