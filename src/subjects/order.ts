import { happenedAt } from '../catalogue/event-time.ts';
import { timeOf } from '../text/json.ts';
import { derivedTypes, type Event, type EventType } from '../words.ts';

/** The values that decide the order within a room and subject. */
export interface Orderable {
  /** Grows with arrival. */
  readonly arrival: number;
  readonly model: string;
  readonly rowId: string | null;
  readonly type: EventType;
  /** Its time, Unix milliseconds. Not used for a destroy. */
  readonly at: number;
}

/** A derived event whose trigger is unknown or missing has the place of an update. */
const rank: Readonly<Record<EventType, number>> = {
  create: 0,
  update: 1,
  destroy: 2,
  ...(Object.fromEntries(derivedTypes.map((type) => [type, 1])) as Record<(typeof derivedTypes)[number], number>),
};

/** Returns the rank of a type among events of the same time. */
export const rankOf = (type: EventType): number => rank[type];

/**
 * Sorts the waiting deliveries of one room and subject: by time, then create before update before destroy, then by
 * arrival. A destroy has the old time of its row, so it is sorted by arrival: after everything that came before it, and
 * after everything of its own row.
 */
export function inOrder<T extends Orderable>(waiting: readonly T[]): T[] {
  const sorted = waiting
    .filter((item) => item.type !== 'destroy')
    .sort((a, b) => a.at - b.at || rank[a.type] - rank[b.type] || a.arrival - b.arrival);
  const destroys = waiting.filter((item) => item.type === 'destroy').sort((a, b) => a.arrival - b.arrival);
  for (const destroy of destroys) {
    const last = sorted.findLastIndex((item) => item.arrival < destroy.arrival || isSameRow(item, destroy));
    sorted.splice(last + 1, 0, destroy);
  }
  return sorted;
}

/** The sort values of an event, with which the store finds the first delivery of `inOrder`; arrival comes after them. */
export interface Place {
  /** Unix milliseconds; null for a destroy, which has no time of its own. */
  readonly at: number | null;
  readonly rank: number;
  /** True if `at` is the arrival, because the row has no time. */
  readonly isByArrival: boolean;
}

/** Time of a fetched report in the order of its subject: nothing about a post comes before its report. */
const FIRST = 0;

/** Returns the place of an event among those of its room and subject. */
export function placeOf(event: Omit<Event, 'source' | 'model' | 'class' | 'rowId' | 'subject'>): Place {
  const { type, role, origin, receivedAt } = event;
  if (type === 'destroy') return { at: null, rank: rank[type], isByArrival: false };
  // Its row may have no time, and a deletion may be dated before the report.
  if (isFetchedReport({ type, role, origin })) return { at: FIRST, rank: rank[type], isByArrival: false };
  const at = happenedAt(event);
  return { at: at ?? receivedAt, rank: rank[type], isByArrival: at === null };
}

/** Returns true for a report that was fetched: its row says what is so by now. */
export function isFetchedReport({ type, role, origin }: Pick<Event, 'type' | 'role' | 'origin'>): boolean {
  return role === 'report' && type === 'create' && origin === 'backfilled';
}

/** Returns when a version of a row was written, Unix milliseconds: its arrival if the row has no valid time. */
export function writtenAt({ updatedAt, receivedAt }: Pick<Event, 'updatedAt' | 'receivedAt'>): number {
  return timeOf(updatedAt) ?? receivedAt;
}

function isSameRow(a: Orderable, b: Orderable): boolean {
  return a.rowId !== null && a.rowId === b.rowId && a.model === b.model;
}
