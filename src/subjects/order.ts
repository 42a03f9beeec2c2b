import { timeOf } from '../text/json.ts';
import { derivedTypes, type EventType } from '../words.ts';

/** The values that decide the order within a room and subject. */
export interface Orderable {
  /** Grows with arrival. */
  readonly arrival: number;
  readonly model: string;
  readonly rowId: string | null;
  readonly type: EventType;
  readonly updatedAt: string | null;
  readonly receivedAt: number;
}

/** A derived event whose trigger is unknown or missing has the place of an update. */
const rank: Readonly<Record<EventType, number>> = {
  create: 0,
  update: 1,
  destroy: 2,
  ...(Object.fromEntries(derivedTypes.map((type) => [type, 1])) as Record<(typeof derivedTypes)[number], number>),
};

/**
 * Sorts the waiting deliveries of one room and subject: by `updated_at`, then create before update before destroy, then
 * by arrival. A destroy has the old time of its row, so it is sorted by arrival: after everything that came before it,
 * and after everything of its own row.
 */
export function inOrder<T extends Orderable>(waiting: readonly T[]): T[] {
  const sorted = waiting
    .filter((item) => item.type !== 'destroy')
    .sort((a, b) => standsAt(a) - standsAt(b) || rank[a.type] - rank[b.type] || a.arrival - b.arrival);
  const destroys = waiting.filter((item) => item.type === 'destroy').sort((a, b) => a.arrival - b.arrival);
  for (const destroy of destroys) {
    const last = sorted.findLastIndex((item) => item.arrival < destroy.arrival || isSameRow(item, destroy));
    sorted.splice(last + 1, 0, destroy);
  }
  return sorted;
}

/**
 * Returns the sort values with which the store finds the first delivery of `inOrder`: `at` (Unix milliseconds), then
 * `rank`, then arrival. A destroy has no time of its own.
 */
export function placeOf(item: Omit<Orderable, 'arrival'>): { readonly at: number | null; readonly rank: number } {
  return { at: item.type === 'destroy' ? null : standsAt(item), rank: rank[item.type] };
}

function isSameRow(a: Orderable, b: Orderable): boolean {
  return a.rowId !== null && a.rowId === b.rowId && a.model === b.model;
}

/** Unix milliseconds; the arrival if the row has no valid time. */
const standsAt = (item: Omit<Orderable, 'arrival'>) => timeOf(item.updatedAt) ?? item.receivedAt;
