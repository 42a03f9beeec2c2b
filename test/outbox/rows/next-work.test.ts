import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identify } from '../../../src/catalogue/identity.ts';
import { enqueue } from '../../../src/ingest/store-event.ts';
import { nextWork } from '../../../src/outbox/rows/next-work.ts';
import { Picker } from '../../../src/outbox/rows/pick.ts';
import { storeRooms } from '../../../src/outbox/rows/rooms.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { inOrder, type Orderable } from '../../../src/subjects/order.ts';
import { anEvent } from '../../support/events.ts';
import { aNewDelivery, aNewEvent } from '../../support/new-event.ts';
import { itOnSqlite } from '../../support/postgres/it-on-sqlite.ts';

let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
  await storeRooms(store.db, [{ name: 'a', address: 'matrix:!a', platform: 'matrix', account: 'matrix' }]);
});
afterEach(() => store.close());

const now = Date.UTC(2026, 0, 3);

const priority = { place: 0, ifAutoflagged: 0 };

type Parts = Parameters<typeof anEvent>[0];

/** Lets events of one subject wait in the room; gives them with their arrivals. */
async function waiting(items: readonly Parts[]): Promise<Orderable[]> {
  const { db } = store;
  await db.transaction().execute(async (trx) => {
    for (const [n, parts] of items.entries()) {
      const event = anEvent({ subject: 'post:1', ...parts });
      const identity = { ...identify(event), key: String(n) };
      await enqueue(trx, aNewEvent(event, { identity, deliveries: [aNewDelivery(1)], priority }));
    }
  });
  return db
    .selectFrom('events as e')
    .innerJoin('deliveries as d', 'd.event_id', 'e.id')
    .select([
      'e.id as arrival',
      'e.model',
      'e.row_id as rowId',
      'e.type',
      // A clock that was set back is made up for. A destroy has none.
      (s) => s.fn.coalesce('d.order_at', sql.lit(0)).as('at'),
    ])
    .orderBy('e.id')
    .execute();
}

/** What is sent, one after the other, by arrival. */
async function sent(order: typeof inOrder = inOrder): Promise<number[]> {
  const { db } = store;
  const arrivals: number[] = [];
  for (;;) {
    const work = await nextWork(db, 1, now, Number.POSITIVE_INFINITY);
    const delivery = await new Picker({ db, roomId: 1, now, inOrder: order, expected: 1 }).next();
    expect(work.kind).toBe(delivery === null ? 'wait' : 'plan');
    if (delivery === null) return arrivals;
    const { id, eventId } = delivery;
    arrivals.push(eventId);
    await db.updateTable('deliveries').set({ state: 'sent' }).where('id', '=', id).execute();
  }
}

describe('the next delivery of a subject', () => {
  it('is the first in the order of all that wait', async () => {
    const row = fc.record({
      type: fc.constantFrom('create', 'update', 'destroy' as const),
      updatedAt: fc.constantFrom(
        null,
        'yesterday',
        '2026-01-02T00:00:01.000Z',
        '2026-01-02T00:00:01.5Z',
        'Fri, 02 Jan 2026 00:00:02 GMT',
      ),
      receivedAt: fc.integer({ min: -2, max: 2 }).map((n) => Date.UTC(2026, 0, 2) + n * 700),
      id: fc.integer({ min: 1, max: 2 }),
      model: fc.constantFrom('posts', 'feedbacks'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 10 }), async (items) => {
        for (const table of ['deliveries', 'events'] as const) await store.db.deleteFrom(table).execute();
        let left = await waiting(items);
        const expected: number[] = [];
        for (let first = inOrder(left)[0]; first !== undefined; first = inOrder(left)[0]) {
          const { arrival } = first;
          expected.push(arrival);
          left = left.filter((item) => item.arrival !== arrival);
        }
        expect(await sent()).toEqual(expected);
      }),
      { seed: 20261124, numRuns: 200 },
    );
  });

  it('is found among a few rows, however many wait', async () => {
    await waiting(
      Array.from({ length: 500 }, (_, n) => ({
        model: 'feedbacks',
        id: n % 400,
        type: n % 7 === 0 ? ('destroy' as const) : ('create' as const),
      })),
    );
    let most = 0;
    const order: typeof inOrder = (items) => {
      most = Math.max(most, items.length);
      return inOrder(items);
    };
    expect(await sent(order)).toHaveLength(500);
    // A window by time, and the destroys that came first.
    expect(most).toBeLessThanOrEqual(64);
  });

  itOnSqlite('is found without reading the others, by an index that has the order', async () => {
    const plan = await sql<{ detail: string }>`explain query plan select id from deliveries
      where room_id = 1 and subject = 'post:1' and state = 'waiting' and order_at is not null
      order by order_at, order_rank, event_id limit 1`.execute(store.db);
    expect(plan.rows.map(({ detail }) => detail)).toEqual([expect.stringContaining('deliveries_waiting_order')]);
  });
});
