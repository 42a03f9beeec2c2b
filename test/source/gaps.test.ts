import { afterEach, beforeEach, expect, it } from 'vitest';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { parseEventSpec } from '../../src/router/event-spec.ts';
import { createRouter } from '../../src/router/router.ts';
import { listGaps, noteFetched, noteGap, oldestUnfetched, unlistable } from '../../src/source/gaps.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';

let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
});
afterEach(() => store.close());

function asked(text: string) {
  const parsed = parseEventSpec(text, createCatalogue());
  if (parsed.outcome === 'problems') throw new Error(text);
  const subscription = { id: 's', where: null, rooms: [], template: null, options: {} };
  return createRouter([{ ...subscription, events: parsed.spec }]).union;
}

it('what the API cannot list is lost in a gap', () => {
  expect(unlistable(asked('posts#create;flag_logs#create'), true)).toBe('');
  expect(unlistable(asked('posts;feedbacks#create,destroy;statistics#create'), true)).toBe(
    'feedbacks#destroy;posts#update;statistics#create',
  );
  expect(unlistable(asked('posts#create'), false)).toBe('posts#create');
  // What is derived is lost by what it is concluded from.
  expect(unlistable(asked('statistics#quota_low;source#lost'), true)).toBe('statistics#create');
});

it('gaps are kept, with how much of them was fetched', async () => {
  const { db } = store;
  await noteGap(db, 'metasmoke', { from: 100, until: 200, reason: 'closed', lost: null });
  await noteGap(db, 'metasmoke', { from: 300, until: 400, reason: 'frozen', lost: 'posts#update' });
  expect(await oldestUnfetched(db, 'metasmoke')).toBe(100);
  await noteFetched(db, 'metasmoke', { from: 100, began: 350, rows: 3, problem: null });
  expect(await oldestUnfetched(db, 'metasmoke'), 'the second was not over yet').toBe(300);
  await noteFetched(db, 'metasmoke', { from: 300, began: 400, rows: 7, problem: null });
  expect(await listGaps(db, 0, 5)).toEqual([
    { id: 2, from: 300, until: 400, reason: 'frozen', lost: 'posts#update', fetched: 7 },
    { id: 1, from: 100, until: 200, reason: 'closed', lost: null, fetched: 3 },
  ]);
  expect(await listGaps(db, 250, 5)).toHaveLength(1);
  expect(await oldestUnfetched(db, 'metasmoke')).toBeNull();
});
