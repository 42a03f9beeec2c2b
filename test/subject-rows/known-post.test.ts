import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enqueue } from '../../src/ingest/store-event.ts';
import { pruneBatch } from '../../src/outbox/rows/prune.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { foldNext } from '../../src/subject-rows/fold-store.ts';
import { readChange, readPost, readState, readStates } from '../../src/subject-rows/known-post.ts';
import { MOST_READ, readRows, readTheseRows } from '../../src/subject-rows/post-parts.ts';
import { twinsOfOne } from '../../src/subject-rows/twins.ts';
import { foldPost, partsOf } from '../../src/subjects/fold-post.ts';
import { foldRows } from '../../src/subjects/fold-rows.ts';
import { joinTwins } from '../../src/subjects/join-twins.ts';
import { LISTED, type PostState } from '../../src/subjects/post-state.ts';
import type { Event, EventObject } from '../../src/words.ts';
import { createRandom } from '../e2e/support/random.ts';
import { anEvent } from '../support/events.ts';
import { aNewEvent } from '../support/new-event.ts';
import { isOnPostgres } from '../support/postgres/statements.ts';

/** A database on a server for each case takes a second, so there are fewer there. */
const runs = (number: number) => (isOnPostgres() ? 5 : number);

const seed = 20261128;
const subject = 'post:1';
const start = Date.UTC(2026, 0, 2, 3, 4, 0);
const at = (second: number) => new Date(start + second * 1_000).toISOString();

let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
});
afterEach(() => store.close());

/** Stores an event as it arrives; a known one is not stored again, as in the pipeline. */
async function stored(event: Event): Promise<boolean> {
  return (await store.db.transaction().execute((trx) => enqueue(trx, aNewEvent(event)))) !== null;
}

const event = (
  model: string,
  id: number,
  second: number,
  object: EventObject,
  type: Event['type'] = 'update',
  heard = 0,
) =>
  anEvent({
    model,
    id,
    type,
    subject,
    updatedAt: model === 'flag_logs' ? null : at(second),
    receivedAt: start + heard * 1_000,
    object: { ...object, id, ...(model === 'flag_logs' ? {} : { updated_at: at(second) }) },
  });

const second = fc.integer({ min: 0, max: 40 });
const type = fc.constantFrom('create' as const, 'update' as const, 'update' as const, 'destroy' as const);
const some = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<EventObject>;
const made = second.map((s) => at(s));

/** The possible rows of a post, in any order, with any columns missing. */
const told = fc.oneof(
  fc.record({
    model: fc.constant('posts'),
    id: fc.constant(1),
    object: some({
      title: fc.constantFrom('Buy', 'Sell', null),
      body: fc.constantFrom('long', 'longer', null),
      why: fc.constantFrom('because', ''),
      link: fc.constantFrom('//stackoverflow.com/q/1', null),
      autoflagged: fc.boolean(),
      deleted_at: fc.option(made),
      created_at: made,
    }),
  }),
  fc.record({
    model: fc.constant('feedbacks'),
    id: fc.integer({ min: 1, max: 12 }),
    object: some({
      feedback_type: fc.constantFrom('tp', 'tpu-', 'fp', 'naa', 'ignore', 'odd'),
      user_id: fc.integer({ min: 1, max: 4 }),
      chat_user_id: fc.integer({ min: 1, max: 2 }),
      user_name: fc.constantFrom('Ann', 'Ben', null),
      is_invalidated: fc.boolean(),
      created_at: made,
    }),
  }),
  fc.record({
    model: fc.constant('flag_logs'),
    id: fc.integer({ min: 1, max: 4 }),
    object: some({
      success: fc.boolean(),
      is_auto: fc.boolean(),
      flag_type: fc.constantFrom('spam', 'other'),
      comment: fc.constantFrom('long', 'longer'),
      created_at: made,
    }),
  }),
  fc.record({
    model: fc.constant('deletion_logs'),
    id: fc.integer({ min: 1, max: 4 }),
    object: some({ is_deleted: fc.boolean(), uncertainty: fc.integer({ min: 0, max: 9 }), created_at: made }),
  }),
  fc.record({
    model: fc.constantFrom('post_comments', 'review_results', 'abuse_reports'),
    id: fc.integer({ min: 1, max: 3 }),
    object: some({ text: fc.constant('hm'), created_at: made }),
  }),
);
const life = fc.array(fc.record({ told, second, type, heard: second, folds: fc.boolean() }), {
  minLength: 1,
  maxLength: 40,
});

const withoutTexts = (events: readonly Event[]): readonly Event[] =>
  events.map((one) => {
    const { body: _, markdown: _m, why: _w, comment: _c, error_message: _e, ...object } = one.object;
    return { ...one, object };
  });
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .map(([key, one]) => [key, sorted(one)] as const)
            .sort(),
        )
      : value;
/** The part of the state from which events are derived. */
const concludedFrom = ({ row, fate, reportedAt, deletedAt, isAutoflagged, counts, deletions }: PostState) =>
  sorted({ row, fate, reportedAt, deletedAt, isAutoflagged, counts, deletions });

describe('what the store keeps of a post with a long life', () => {
  it(`equals the state from all of its events, after each of them (seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(life, async (steps) => {
        await store.close();
        store = await openStore(':memory:');
        const events: Event[] = [];
        await store.db.transaction().execute((trx) => foldNext(trx, subject));
        for (const { told: one, second: s, type: kind, heard, folds } of steps) {
          const next = event(one.model, one.id, s, one.object, kind, heard);
          if (!(await stored(next))) continue;
          events.push(next);
          if (!folds) continue;
          const change = await store.db
            .transaction()
            .execute(async (trx) => readChange(trx, subject, await twinsOfOne(trx, subject)));
          const { before, after } = change();
          expect(before.map(concludedFrom)).toEqual([concludedFrom(foldPost(withoutTexts(events.slice(0, -1))))]);
          expect(concludedFrom(after)).toEqual(concludedFrom(foldPost(withoutTexts(events))));
        }
        expect(sorted(await readState(store.db, subject))).toEqual(sorted(foldPost(withoutTexts(events))));
        expect(sorted((await readPost(store.db, subject)).state)).toEqual(sorted(foldPost(events)));
        const report = events.find(({ model, type: kind }) => model === 'posts' && kind === 'create');
        expect((await readPost(store.db, subject)).report?.received_at).toBe(report?.receivedAt);
      }),
      { seed, numRuns: runs(60) },
    );
  }, 120_000);

  it('equals it for a post with few events, which has no fold', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (steps) => {
        await store.close();
        store = await openStore(':memory:');
        const events: Event[] = [];
        for (const { told: one, second: s, type: kind, heard } of steps) {
          const next = event(one.model, one.id, s, one.object, kind, heard);
          if (await stored(next)) events.push(next);
        }
        expect(sorted((await readPost(store.db, subject)).state)).toEqual(sorted(foldPost(events)));
        expect(await store.db.selectFrom('post_folds').selectAll().execute()).toEqual([]);
      }),
      { seed, numRuns: runs(30) },
    );
  }, 120_000);

  it('is joined with those of its twins, with folds and without', async () => {
    const step = fc.record({ told, second, type, heard: second, post: fc.integer({ min: 1, max: 3 }) });
    const twins = ['post:1', 'post:2', 'post:3'];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.subarray(twins), async (steps, folded) => {
        await store.close();
        store = await openStore(':memory:');
        const events: Event[] = [];
        const hear = async (one: Event) => {
          if (await stored(one)) events.push(one);
        };
        await store.db.transaction().execute(async (trx) => {
          for (const one of folded) await foldNext(trx, one);
        });
        for (const post of [1, 2, 3]) {
          const parts = { ...event('posts', post, 0, { link: '//a.com/q/1', created_at: at(post) }, 'create') };
          await hear({ ...parts, subject: `post:${post}` });
        }
        for (const { told: one, second: s, type: kind, heard, post } of steps) {
          const { link: _, ...object } = one.object;
          const of = { ...event(one.model, one.model === 'posts' ? post : one.id, s, object, kind, heard) };
          await hear({ ...of, subject: `post:${post}` });
        }
        const parts = (of: string, all: readonly Event[]) => partsOf(foldRows(all.filter((one) => one.subject === of)));
        const joined = (own: string, all: readonly Event[]) =>
          joinTwins(
            parts(own, all),
            twins.filter((twin) => twin !== own).map((twin) => parts(twin, all)),
          );
        const last = events.at(-1)!;
        const change = await store.db
          .transaction()
          .execute(async (trx) => readChange(trx, last.subject, await twinsOfOne(trx, last.subject)));
        const { before, after } = change();
        expect(concludedFrom(after)).toEqual(concludedFrom(joined(last.subject, withoutTexts(events))));
        const earlier = concludedFrom(joined(last.subject, withoutTexts(events.slice(0, -1))));
        if (events.length > 3) expect(before.map(concludedFrom)).toEqual([earlier]);
        const states = await readStates(store.db, twins);
        for (const own of twins) {
          const short = withoutTexts(events);
          expect(sorted(await readState(store.db, own))).toEqual(sorted(joined(own, short)));
          expect(sorted(states.get(own))).toEqual(sorted(joined(own, short)));
          expect(sorted((await readPost(store.db, own)).state)).toEqual(sorted(joined(own, events)));
        }
      }),
      { seed, numRuns: runs(30) },
    );
  }, 120_000);

  it('lists the first and the newest of each kind, and counts all', async () => {
    const random = createRandom(seed);
    const report = event('posts', 1, 0, { title: 'Buy', created_at: at(0) }, 'create');
    const votes = Array.from({ length: 3 * LISTED }, (_, n) =>
      event(
        'feedbacks',
        n,
        n,
        { feedback_type: random.pick(['tp', 'tp', 'fp']), user_id: n, created_at: at(n) },
        'create',
      ),
    );
    const gone = votes.filter((_, n) => n % 9 === 0).map((vote) => ({ ...vote, type: 'destroy' as const }));
    const events = [report, ...random.shuffle([...votes, ...gone])];
    for (const one of events) await stored(one);
    const state = await readState(store.db, subject);
    expect(sorted(state)).toEqual(sorted(foldPost(events)));
    const standing = votes.filter((_, n) => n % 9 !== 0);
    const tp = standing.filter(({ object }) => object.feedback_type === 'tp');
    expect([state.counts.tp, state.counts.fp]).toEqual([tp.length, standing.length - tp.length]);
    const listed = state.votes.filter(({ verdict }) => verdict === 'tp').map(({ id }) => id);
    const ids = tp.map(({ rowId }) => rowId);
    expect(listed).toEqual(ids.length > 2 * LISTED ? [...ids.slice(0, LISTED), ...ids.slice(-LISTED)] : ids);
    expect(state.title).toBe('Buy');
  });

  it('keeps the title however many events follow, and is deleted with the last of them', async () => {
    await stored(event('posts', 1, 0, { title: 'Buy', body: 'long', created_at: at(0) }, 'create'));
    for (let n = 1; n <= 2 * MOST_READ; n++) await stored(event('posts', 1, n, { is_tp: n % 2 === 0 }));
    const { state } = await readPost(store.db, subject);
    expect([state.title, state.row.body, state.row.is_tp]).toEqual(['Buy', 'long', true]);
    const rows = await store.db.selectFrom('post_rows').select('layers').execute();
    expect(rows).toHaveLength(1);
    expect(rows[0]!.layers.length).toBeLessThan(500);
    const { db } = store;
    while ((await pruneBatch(db, { cutoff: start - 1, firstKept: 9_999 })) > 0);
    expect(await db.selectFrom('post_rows').select('role').execute()).toHaveLength(1);
    while ((await pruneBatch(db, { cutoff: start + 1, firstKept: 9_999 })) > 0);
    expect(await db.selectFrom('post_rows').selectAll().execute()).toEqual([]);
    expect(await db.selectFrom('post_folds').selectAll().execute()).toEqual([]);
  });

  it('costs the same for the last of many events as for the first', async () => {
    const took: number[] = [];
    await stored(event('posts', 1, 0, { title: 'Buy' }, 'create'));
    for (let n = 1; n <= 1_500; n++) {
      await stored(event('feedbacks', n, n, { feedback_type: 'tp', user_id: n }, 'create'));
      const began = performance.now();
      await store.db.transaction().execute(async (trx) => readChange(trx, subject, await twinsOfOne(trx, subject)));
      took.push(performance.now() - began);
    }
    const median = (some: readonly number[]) => some.toSorted((a, b) => a - b)[Math.floor(some.length / 2)]!;
    // Reading all events each time would cost ten times as much.
    expect(median(took.slice(-200))).toBeLessThan(5 * median(took.slice(100, 300)));
  });

  it('returns rows by name, and the newest of a role', async () => {
    await stored(event('posts', 1, 0, { title: 'Buy' }, 'create'));
    for (let n = 1; n <= 2 * MOST_READ; n++) await stored(event('feedbacks', n, n, { feedback_type: 'tp' }, 'create'));
    const rows = await readTheseRows(store.db, subject, [
      { role: 'vote', rowId: '7' },
      { role: 'vote', rowId: '9999' },
      { role: 'report', rowId: '1' },
    ]);
    expect(rows.map(({ role, id }) => `${role} ${id}`)).toEqual(['vote 7', 'report 1']);
    expect(await readRows(store.db, subject, ['vote', 'report'])).toHaveLength(2 * MOST_READ + 1);
  });
});
