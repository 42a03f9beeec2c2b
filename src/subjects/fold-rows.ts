import type { Event, EventObject, Role } from '../words.ts';
import { inOrder } from './order.ts';

/** The known state of one row. */
export interface Row {
  readonly role: Role;
  readonly id: string;
  /** The newest value of each column: a fetched row has fewer columns than one that was sent. */
  readonly object: EventObject;
  /** A destroy is final for its id, whatever follows it. */
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
    return {
      role: first!.role!,
      id: first!.rowId!,
      object: Object.assign({}, ...inOrder(versions).map(({ object }) => object)) as EventObject,
      isDestroyed: versions.some(({ type }) => type === 'destroy'),
      firstAt: Math.min(...versions.map(({ receivedAt }) => receivedAt)),
    };
  });
}
