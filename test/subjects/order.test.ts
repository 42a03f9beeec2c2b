import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder, type Orderable, placeOf } from '../../src/subjects/order.ts';
import type { EventObject, SentType } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';

const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
/** An event among those that wait. `second`: its `updated_at`; null: none. */
const at = (
  arrival: number,
  type: SentType,
  second: number | null,
  row = '1',
  model = 'posts',
): Orderable & { readonly second: number | null } => {
  const updatedAt = second === null ? null : time(second);
  return { ...waiting(arrival, { model, id: Number(row), type, updatedAt }), second };
};
function waiting(arrival: number, parts: Parameters<typeof anEvent>[0]): Orderable {
  const event = anEvent({ ...parts, receivedAt: Date.UTC(2026, 0, 1, 0, 0, 30) + arrival });
  const { model, rowId, type } = event;
  return { arrival, model, rowId, type, at: placeOf(event).at ?? 0 };
}
const arrivals = (items: Orderable[]) => inOrder(items).map((item) => item.arrival);

describe('the order in a room and subject', () => {
  it('is by updated_at, whatever arrived first', () => {
    expect(arrivals([at(1, 'update', 9), at(2, 'update', 5), at(3, 'create', 1)])).toEqual([3, 2, 1]);
  });

  it('puts create before update in the same second, then by arrival', () => {
    expect(arrivals([at(1, 'update', 5), at(2, 'update', 5), at(3, 'create', 5)])).toEqual([3, 1, 2]);
  });

  it('uses the arrival if a row has no valid time', () => {
    const nonsense = waiting(3, { type: 'update', updatedAt: 'yesterday' });
    expect(arrivals([at(2, 'update', null), nonsense, at(1, 'update', 59)])).toEqual([2, 3, 1]);
  });

  it('sorts a destroy by its arrival, because it has the old time of its row', () => {
    const feedback = at(2, 'create', 9, '5', 'feedbacks');
    expect(arrivals([at(1, 'create', 1), feedback, at(3, 'destroy', 1)])).toEqual([1, 2, 3]);
    expect(arrivals([at(1, 'create', 1), at(2, 'destroy', 1), at(3, 'create', 9, '5', 'feedbacks')])).toEqual([
      1, 2, 3,
    ]);
  });

  it('puts a destroy after everything of its own row, even late events', () => {
    expect(arrivals([at(1, 'destroy', 1), at(2, 'create', 1), at(3, 'update', 4)])).toEqual([2, 3, 1]);
  });

  it('puts a fetched row where it happened, however often it was changed since, and a live update of it behind it', () => {
    const fetched = (arrival: number, model: string, updatedAt: string | null, object: EventObject) =>
      waiting(arrival, { model, id: 5, updatedAt, object, origin: 'backfilled' });
    const report = fetched(3, 'posts', time(50), { created_at: time(1) });
    const flag = fetched(2, 'flag_logs', time(19), { created_at: time(19) });
    const vote = fetched(1, 'feedbacks', time(40), { created_at: time(20) });
    expect(arrivals([vote, flag, report, at(4, 'update', 45, '5'), at(5, 'update', 30, '5', 'feedbacks')])).toEqual([
      3, 2, 1, 5, 4,
    ]);
    // A time that is missing or nonsense, and one after the last change.
    const live = at(6, 'update', 10, '5', 'feedbacks');
    for (const created_at of [null, 'yesterday', '5', time(59)])
      expect(arrivals([fetched(7, 'flag_logs', time(19), { created_at }), live, vote])).toEqual([6, 7, 1]);
    expect(arrivals([fetched(7, 'flag_logs', null, {}), vote])).toEqual([1, 7]);
  });

  it('puts a fetched report first, even without a time, and before a deletion that is dated before it', () => {
    const fetched = (arrival: number, model: string, object: EventObject) =>
      waiting(arrival, { model, id: 5, updatedAt: null, object, origin: 'backfilled' });
    const deletion = fetched(1, 'deletion_logs', { created_at: time(1) });
    for (const object of [{}, { created_at: time(2) }])
      expect(arrivals([deletion, fetched(2, 'posts', object)])).toEqual([2, 1]);
  });

  it('leaves a live create at its `updated_at`', () => {
    const live = waiting(1, { updatedAt: time(9), object: { created_at: time(1) } });
    expect(arrivals([live, at(2, 'update', 5)])).toEqual([2, 1]);
  });

  it('is consistent for any set of waiting deliveries', () => {
    const item = fc.record({
      type: fc.constantFrom('create', 'update', 'destroy' as const),
      second: fc.option(fc.integer({ min: 0, max: 3 })),
      row: fc.constantFrom('1', '2'),
      model: fc.constantFrom('posts', 'feedbacks'),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), (parts) => {
        const items = parts.map((p, n) => at(n, p.type, p.second, p.row, p.model));
        const ordered = inOrder(items);
        expect(ordered.toSorted((a, b) => a.arrival - b.arrival)).toEqual(items);
        const time = (i: (typeof items)[number]) => (i.second ?? 30) * 1_000 + (i.second === null ? i.arrival : 0);
        const rank: Readonly<Record<string, number>> = { create: 0, update: 1, destroy: 2 };
        for (const [n, first] of ordered.entries())
          for (const later of ordered.slice(n + 1)) {
            const sameRow = first.rowId === later.rowId && first.model === later.model;
            if (first.type === 'destroy') {
              expect(sameRow && later.type !== 'destroy').toBe(false);
              if (later.type === 'destroy') expect(later.arrival).toBeGreaterThan(first.arrival);
            } else if (later.type !== 'destroy')
              expect(
                [time(first), rank[first.type]!, first.arrival] <= [time(later), rank[later.type]!, later.arrival],
              ).toBe(true);
          }
      }),
      { seed: 20261123 },
    );
  });
});
