import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder, type Orderable } from '../../src/subjects/order.ts';

const at = (
  arrival: number,
  type: Orderable['type'],
  second: number | null,
  row = '1',
  model = 'posts',
): Orderable => ({
  arrival,
  model,
  rowId: row,
  type,
  updatedAt: second === null ? null : new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  receivedAt: Date.UTC(2026, 0, 1, 0, 0, 30) + arrival,
});
const arrivals = (items: Orderable[]) => inOrder(items).map((item) => item.arrival);

describe('the order in a room and subject', () => {
  it('is by updated_at, whatever arrived first', () => {
    expect(arrivals([at(1, 'update', 9), at(2, 'update', 5), at(3, 'create', 1)])).toEqual([3, 2, 1]);
  });

  it('puts create before update in the same second, then by arrival', () => {
    expect(arrivals([at(1, 'update', 5), at(2, 'update', 5), at(3, 'create', 5)])).toEqual([3, 1, 2]);
  });

  it('uses the arrival if a row has no valid time', () => {
    const nonsense = { ...at(3, 'update', 0), updatedAt: 'yesterday' };
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
        const time = (i: Orderable) => (i.updatedAt === null ? i.receivedAt : Date.parse(i.updatedAt));
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
