import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enqueue } from '../../src/ingest/store-event.ts';
import { pruneBatch } from '../../src/outbox/rows/prune.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { readOtherReports } from '../../src/subject-rows/authors.ts';
import type { Event, EventObject } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { aNewEvent } from '../support/new-event.ts';

const ada = '//a.stackexchange.com/users/5';

let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
});
afterEach(() => store.close());

const rowOf = (id: number, more: EventObject = {}) => ({
  link: `//a.stackexchange.com/a/${id}`,
  user_link: ada,
  ...more,
});
const report = (id: number, more: EventObject = {}, parts: Partial<Event> = {}): Event => ({
  ...anEvent({ id, object: rowOf(id, more), receivedAt: 1 }),
  ...parts,
});
const stored = (...events: readonly Event[]) =>
  store.db.transaction().execute(async (trx) => {
    for (const event of events) await enqueue(trx, aNewEvent(event));
  });
const others = (id: number, more: EventObject = {}) => readOtherReports(store.db, `post:${id}`, rowOf(id, more));

describe('other reports of an author', () => {
  it('are of other posts, with the newest by its id', async () => {
    await stored(report(9), report(10), report(8), report(7, { user_link: '//a.stackexchange.com/users/6' }));
    expect(await others(8)).toEqual({ others: 2, more: false, newest: '10' });
    expect(await others(10)).toEqual({ others: 2, more: false, newest: '9' });
    expect(await others(7, { user_link: '//a.stackexchange.com/users/6' })).toBeNull();
    expect(await others(8, { user_link: null })).toBeNull();
  });

  it('count a post once, however often it was reported, and never the post itself', async () => {
    await stored(report(1), report(2, { link: rowOf(1).link }), report(3), report(4, { link: rowOf(3).link }));
    expect(await others(1)).toEqual({ others: 1, more: false, newest: '4' });
    expect(await others(2, { link: rowOf(1).link })).toEqual({ others: 1, more: false, newest: '4' });
  });

  it('are read by an index, a hundred at most', async () => {
    await stored(...Array.from({ length: 102 }, (_, i) => report(i + 1)));
    expect(await others(102)).toEqual({ others: 99, more: true, newest: '101' });
    const { rows } = await sql<{ detail: string }>`explain query plan
      select a.subject, l.link from post_authors as a left join post_links as l on l.subject = a.subject
      where a.author = 'x' order by a.post_number desc limit 101`.execute(store.db);
    expect(rows.map(({ detail }) => detail).filter((detail) => /scan|temp/i.test(detail))).toEqual([]);
  });

  it('are forgotten with the last event about them', async () => {
    await stored(report(1), report(2, {}, { receivedAt: 1_000 }));
    while ((await pruneBatch(store.db, { cutoff: 500, firstKept: Number.MAX_SAFE_INTEGER })) > 0);
    expect(await store.db.selectFrom('post_authors').select('subject').execute()).toEqual([{ subject: 'post:2' }]);
  });
});
