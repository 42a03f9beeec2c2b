import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeKnown } from '../../src/ingest/details/store-known.ts';
import { storeBatch } from '../../src/ingest/store-batch.ts';
import { enqueue } from '../../src/ingest/store-event.ts';
import { pruneBatch } from '../../src/outbox/rows/prune.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { twinsOf, twinsOfOne } from '../../src/subject-rows/twins.ts';
import type { Event, EventObject } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { aNewEvent } from '../support/new-event.ts';
import { itOnSqlite } from '../support/postgres/it-on-sqlite.ts';
import { createTestClock } from '../support/test-clock.ts';

const link = '//stackoverflow.com/a/1';
const start = Date.UTC(2026, 0, 2, 3, 4, 0);

let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
});
afterEach(() => store.close());

const report = (id: number, object: EventObject = { link }, parts: Partial<Event> = {}): Event => ({
  ...anEvent({ id, object, receivedAt: start }),
  ...parts,
});
const stored = (...events: readonly Event[]) =>
  store.db.transaction().execute(async (trx) => {
    for (const event of events) await enqueue(trx, aNewEvent(event));
  });

describe('reports of one link', () => {
  it('are twins, with or without a protocol in front', async () => {
    await stored(report(1), report(2, { link: `https:${link}` }), report(3, { link: `HTTP:${link}` }));
    await stored(report(4, { link: `${link}0` }), report(5, { link: '' }), report(6, { link: '' }), report(7, {}));
    const subjects = [1, 2, 3, 4, 5, 6, 7].map((id) => `post:${id}`);
    expect(await twinsOf(store.db, subjects)).toEqual(
      new Map([
        ['post:1', ['post:2', 'post:3']],
        ['post:2', ['post:1', 'post:3']],
        ['post:3', ['post:1', 'post:2']],
      ]),
    );
  });

  it('are found if they came in a batch, or were fetched', async () => {
    const options = { derivedFrom: async () => [], mayDerive: () => false, clock: createTestClock() };
    const batch = Array.from({ length: 30 }, (_, index) => report(index, { link: `//a.com/q/${index % 29}` }));
    await store.db
      .transaction()
      .execute((trx) => storeBatch(trx, [...batch.map((event) => aNewEvent(event)), aNewEvent(report(0))], options));
    expect(await twinsOfOne(store.db, 'post:29')).toEqual(['post:0']);
    await store.db.transaction().execute((trx) => storeKnown(trx, [report(40, { link: '//a.com/q/7' })], start));
    expect(await twinsOfOne(store.db, 'post:7')).toEqual(['post:40']);
  });

  it('are twins by the newest link of each', async () => {
    await stored(report(1), report(2));
    await stored(report(2, { link: '//a.com/q/2' }, { type: 'update' }));
    expect(await twinsOfOne(store.db, 'post:1')).toEqual([]);
  });

  itOnSqlite('are at most twenty, found by indexes', async () => {
    await stored(...Array.from({ length: 50 }, (_, id) => report(id)));
    expect(await twinsOfOne(store.db, 'post:49')).toHaveLength(20);
    const { rows } = await sql<{ detail: string }>`explain query plan
      select o.subject from post_links as p join post_links as o on o.link = p.link where p.subject in ('post:1')
      and o.subject <> p.subject and o.subject in (
        select t.subject from post_links as t where t.link = p.link order by t.subject limit 20)`.execute(store.db);
    expect(rows.map(({ detail }) => detail).filter((detail) => /scan/i.test(detail))).toEqual([]);
  });

  it('are forgotten with the last event about them', async () => {
    await stored(report(1), report(2, { link }, { receivedAt: start + 1_000 }));
    while ((await pruneBatch(store.db, { cutoff: start + 500, firstKept: Number.MAX_SAFE_INTEGER })) > 0);
    expect(await store.db.selectFrom('post_links').select('subject').execute()).toEqual([{ subject: 'post:2' }]);
    expect(await twinsOfOne(store.db, 'post:2')).toEqual([]);
  });
});
