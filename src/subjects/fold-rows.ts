import { timeOf } from '../text/json.ts';
import type { Event, EventObject, Role } from '../words.ts';
import { rankOf, writtenAt } from './order.ts';

/** The known state of one row. */
export interface Row {
  readonly role: Role;
  readonly id: string;
  /** The newest value of each column: a fetched row has fewer columns than one that was sent. */
  readonly object: EventObject;
  /**
   * True if its newest version is a destroy. A version with a later `updated_at` shows that the destroy was rolled back
   * (metasmoke sends a destroy before its transaction ends).
   */
  readonly isDestroyed: boolean;
  /** Arrival of its first version, Unix milliseconds. */
  readonly firstAt: number;
}

/**
 * Folds events, in the order of arrival, into their rows: by `updated_at`, then create before update, then by arrival
 * (promise 3).
 */
export function foldRows(events: readonly Event[]): readonly Row[] {
  const numbered = events.map((event, arrival) => ({ ...event, arrival }));
  const rows = Map.groupBy(
    numbered.filter(({ role, rowId, origin }) => role !== null && rowId !== null && origin !== 'derived'),
    ({ role, rowId }) => `${role} ${rowId}`,
  );
  return [...rows.values()].map((versions) => {
    const [first] = versions;
    const ordered = versions.toSorted((a, b) => comparePlaces(placeOfVersion(a), placeOfVersion(b)));
    return {
      role: first!.role!,
      id: first!.rowId!,
      object: Object.assign({}, ...ordered.map(({ object }) => object)) as EventObject,
      isDestroyed: isDestroy(placeOfVersion(ordered.at(-1)!)),
      firstAt: Math.min(...versions.map(({ receivedAt }) => receivedAt)),
    };
  });
}

/** A version of a row. */
export interface RowVersion extends Pick<Event, 'type' | 'updatedAt' | 'receivedAt' | 'model' | 'rowId'> {
  /** Grows with arrival. */
  readonly arrival: number;
}

/**
 * The place of a version of a row among the others, the newest last: destroys without a time after everything else,
 * then by time, rank (create, update, destroy) and arrival.
 */
export type Place = readonly [isTimelessDestroy: 0 | 1, at: number, rank: number, arrival: number];

export function placeOfVersion(version: RowVersion): Place {
  if (version.type === 'destroy' && timeOf(version.updatedAt) === null) return [1, 0, 0, version.arrival];
  return [0, writtenAt(version), rankOf(version.type), version.arrival];
}

export function comparePlaces(a: Place, b: Place): number {
  for (const index of [0, 1, 2, 3] as const) if (a[index] !== b[index]) return a[index] - b[index];
  return 0;
}

/** Returns true if a place is that of a destroy. */
export function isDestroy([isTimeless, , rank]: Place): boolean {
  return isTimeless === 1 || rank === rankOf('destroy');
}
