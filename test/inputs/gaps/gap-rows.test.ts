import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseEventSpec } from '../../../src/catalogue/event-spec.ts';
import {
  giveUpGaps,
  listGaps,
  noteGap,
  noteReading,
  openSince,
  type Reading,
  tellableGaps,
  unlistable,
} from '../../../src/inputs/gaps/gap-rows.ts';
import { joinTexts } from '../../../src/inputs/gaps/join-texts.ts';
import { createCatalogue } from '../../../src/metasmoke/catalogue.ts';
import { createRouter } from '../../../src/router/router.ts';
import { noOptions } from '../../../src/router/subscription-options.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';

let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
});
afterEach(() => store.close());

function asked(text: string) {
  const parsed = parseEventSpec(text, createCatalogue());
  if (parsed.outcome === 'problems') throw new Error(text);
  const subscription = { id: 's', where: null, rooms: [], template: null, options: noOptions };
  return createRouter([{ ...subscription, events: parsed.spec }], createCatalogue()).needed;
}

it('a gap loses the events that the API cannot list', () => {
  expect(unlistable(asked('posts#create;flag_logs#create'), createCatalogue())).toBe('');
  expect(unlistable(asked('posts;feedbacks#create,destroy;statistics#create'), createCatalogue())).toBe(
    'feedbacks#destroy;posts#update;statistics#create',
  );
  expect(unlistable(asked('posts#create'), null)).toBe('posts#create');
  // A derived event is lost if its trigger is lost.
  expect(unlistable(asked('statistics#quota_low;source#lost'), createCatalogue())).toBe('statistics#create');
});

/** All events of this test are in the past. */
const clock = { now: 10_000, maxAgeMs: 9_000 };

const gap = (from: number, until: number, more: { reason?: string; lost?: string } = {}) => ({
  ...{ from, until, reason: 'closed', lost: null, ...more },
});
const reading = (from: number, began: number, more: Partial<Reading> = {}): Reading => ({
  ...{ from, began, rows: 0, news: 0, lost: null, failed: null, ...more },
});
const spans = async () => (await listGaps(store.db, 0, 9)).map(({ from, until }) => [from, until]);

it('gaps are stored, with how much of them was fetched', async () => {
  const { db } = store;
  await noteGap(db, 'metasmoke', gap(100, 200));
  await noteGap(db, 'metasmoke', gap(300, 400, { reason: 'frozen', lost: 'posts#update' }));
  expect(await openSince(db, 'metasmoke', clock)).toBe(100);
  await noteReading(db, 'metasmoke', { reading: reading(100, 350, { rows: 3 }), now: clock.now });
  expect(await openSince(db, 'metasmoke', clock), 'the second was not over yet').toBe(300);
  await noteReading(db, 'metasmoke', { reading: reading(300, 400, { rows: 7 }), now: clock.now });
  const closed = { openFrom: null, tries: 0, problem: null };
  expect(await listGaps(db, 0, 5)).toEqual([
    { id: 2, from: 300, until: 400, reason: 'frozen', lost: 'posts#update', fetched: 7, ...closed },
    { id: 1, from: 100, until: 200, reason: 'closed', lost: null, fetched: 3, ...closed },
  ]);
  expect(await listGaps(db, 250, 5)).toHaveLength(1);
  expect(await openSince(db, 'metasmoke', clock)).toBeNull();
});

it('a gap stays open until a reading was complete, with the reason why it was not', async () => {
  const { db } = store;
  await noteGap(db, 'metasmoke', gap(100, 200));
  for (const failed of ['posts: 503', 'posts: nonsense'])
    await noteReading(db, 'metasmoke', { reading: reading(100, 300, { rows: 2, failed }), now: clock.now });
  const open = { openFrom: 100, tries: 2, problem: 'posts: nonsense', fetched: 2 };
  expect(await listGaps(db, 0, 5)).toMatchObject([open]);
  expect(await listGaps(db, 250, 5), 'also after a day').toMatchObject([open]);
  await noteReading(db, 'metasmoke', {
    reading: reading(100, 300, { rows: 5, lost: 'events before 150' }),
    now: clock.now,
  });
  expect(await listGaps(db, 0, 5)).toMatchObject([
    { openFrom: null, tries: 2, problem: null, fetched: 5, lost: 'events before 150' },
  ]);
});

it('gaps of the same source that overlap or touch are merged', async () => {
  const { db } = store;
  await noteGap(db, 'metasmoke', gap(100, 200, { lost: 'posts#update' }));
  await noteGap(db, 'metasmoke', gap(300, 400));
  await noteGap(db, 'other', gap(150, 350));
  expect(await spans()).toEqual([
    [300, 400],
    [150, 350],
    [100, 200],
  ]);
  await noteGap(db, 'metasmoke', gap(200, 250, { reason: 'frozen' }));
  expect(await spans()).toContainEqual([100, 250]);
  const merged = await noteGap(db, 'metasmoke', gap(240, 500, { lost: 'posts#update' }));
  expect(merged).toEqual({ from: 100, until: 500 });
  expect(await listGaps(db, 0, 9)).toMatchObject([
    { from: 100, until: 500, reason: 'closed; frozen', lost: 'posts#update' },
    { from: 150, until: 350 },
  ]);
});

it('a fetched part of a gap is not fetched again if another gap touches it', async () => {
  const { db } = store;
  await noteGap(db, 'metasmoke', gap(100, 200));
  await noteReading(db, 'metasmoke', { reading: reading(100, 200, { rows: 3 }), now: clock.now });
  await noteGap(db, 'metasmoke', gap(200, 300));
  expect(await listGaps(db, 0, 9)).toMatchObject([{ from: 100, until: 300, openFrom: 200 }]);
  // A reading that began before the end of the second part was not complete.
  await noteReading(db, 'metasmoke', { reading: reading(200, 250), now: clock.now });
  expect(await openSince(db, 'metasmoke', clock)).toBe(200);
  await noteReading(db, 'metasmoke', { reading: reading(200, 300), now: clock.now });
  expect(await openSince(db, 'metasmoke', clock)).toBeNull();
});

it('a gap that is open too long is given up with a reason', async () => {
  const { db } = store;
  await noteGap(db, 'metasmoke', gap(100, 200, { lost: 'posts#update' }));
  await noteReading(db, 'metasmoke', { reading: reading(100, 200, { failed: 'posts: 503' }), now: clock.now });
  await noteGap(db, 'metasmoke', gap(300, 400));
  expect(await giveUpGaps(db, 'metasmoke', 200)).toEqual([]);
  expect(await giveUpGaps(db, 'metasmoke', 201)).toMatchObject([{ from: 100, problem: 'posts: 503' }]);
  expect(await listGaps(db, 0, 9)).toMatchObject([
    { from: 300, openFrom: 300 },
    { from: 100, openFrom: null, lost: 'posts#update; not everything was fetched in time (posts: 503)' },
  ]);
});

it('all open gaps are reported once, when the first of them was open for long', async () => {
  const { db } = store;
  await noteGap(db, 'metasmoke', gap(100, 200));
  await noteGap(db, 'metasmoke', gap(300, 400));
  expect(await tellableGaps(db, 'metasmoke', { endedBefore: 200, now: 500 })).toEqual([]);
  expect(await tellableGaps(db, 'metasmoke', { endedBefore: 201, now: 500 })).toHaveLength(2);
  expect(await tellableGaps(db, 'metasmoke', { endedBefore: 900, now: 1_000 })).toEqual([]);
  expect(await noteReading(db, 'metasmoke', { reading: reading(100, 500), now: clock.now })).toEqual({ wasTold: true });
  // A gap that touches a closed one that operators were notified of is a new gap.
  await noteGap(db, 'metasmoke', gap(400, 600));
  expect(await tellableGaps(db, 'metasmoke', { endedBefore: 900, now: 1_000 })).toHaveLength(1);
});

it('joined texts contain each part once, and have a limit', () => {
  expect(joinTexts(null, 'a; b', null, 'b; c')).toBe('a; b; c');
  expect(joinTexts(null, null)).toBeNull();
  const many = Array.from({ length: 20 }, (_, n) => `part ${n}`);
  const joined = joinTexts(...many);
  expect(joinTexts(joined, ...many)).toBe(joined);
  expect(joined).toMatch(/^part 0; .*; part 7; …$/);
});

it('a gap that was stored before the clock was set back is read from as far back as allowed, and then closed', async () => {
  const { db } = store;
  await noteGap(db, 'metasmoke', gap(20_000, 20_100));
  expect(await openSince(db, 'metasmoke', clock)).toBe(1_000);
  await noteReading(db, 'metasmoke', { reading: reading(1_000, 10_000), now: clock.now });
  expect(await openSince(db, 'metasmoke', clock)).toBeNull();
});
