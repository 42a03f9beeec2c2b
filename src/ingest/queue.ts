import { unitsOf } from '../store/event-cache.ts';
import type { Arrival } from './prepare.ts';

/** Most events, and most text of them in UTF-16 units, that wait in memory before the source is asked to be silent. */
const FULL = { events: 4_000, units: 16_000_000 };
/** Most that are taken of those that were read by then; the others are dropped. */
const OVERFULL = { events: 50_000, units: 128_000_000 };
/** The source may go on when less than this share of `FULL` waits. */
const EMPTY_SHARE = 0.5;

/** Time in which events were dropped, Unix milliseconds, both ends included. */
export interface Dropped {
  readonly from: number;
  readonly until: number;
  readonly count: number;
}

/** Events that wait to be written, in the order in which they came. */
export interface IngestQueue {
  readonly length: number;
  /** True if the source has to be silent, since too many events wait; until half of them are written. */
  readonly isFull: boolean;
  /** Takes an event; false if there is no room for it. */
  push(item: Arrival): boolean;
  /** Returns one of the waiting events, counted from 0; undefined if fewer wait. */
  at(index: number): Arrival | undefined;
  /** Removes the first ones, which are written. */
  shift(count: number): void;
  /** Returns the time before which everything that came is committed, Unix milliseconds; Infinity if no event waits. */
  storedUntil(): number;
  /** Returns the time in which events were dropped since the last call, as soon as there is room again; null if none were, or not yet. */
  takeDropped(): Dropped | null;
}

/** Makes an empty queue. */
export function createIngestQueue(): IngestQueue {
  /** Written events are taken out in front by moving `start`; the array is cut now and then. */
  let items: Arrival[] = [];
  let start = 0;
  let units = 0;
  let isFull = false;
  let dropped: Dropped | null = null;

  const length = () => items.length - start;
  const isBeyond = (limit: typeof FULL, share = 1) => length() >= limit.events * share || units >= limit.units * share;

  function drop({ event: { receivedAt } }: Arrival): void {
    const before = dropped ?? { from: receivedAt, until: receivedAt, count: 0 };
    dropped = { from: before.from, until: receivedAt, count: before.count + 1 };
  }

  return {
    get length() {
      return length();
    },
    get isFull() {
      return isFull;
    },
    push(item) {
      if (isBeyond(OVERFULL)) {
        drop(item);
        return false;
      }
      items.push(item);
      units += unitsOf(item.event);
      isFull ||= isBeyond(FULL);
      return true;
    },
    at: (index) => items[start + index],
    shift(count) {
      for (const item of items.slice(start, start + count)) units -= unitsOf(item.event);
      start += count;
      if (start > 1_000 || start === items.length) {
        items = items.slice(start);
        start = 0;
      }
      isFull &&= isBeyond(FULL, EMPTY_SHARE);
    },
    storedUntil: () => items[start]?.event.receivedAt ?? Number.POSITIVE_INFINITY,
    takeDropped() {
      if (dropped === null || isFull) return null;
      const taken = dropped;
      dropped = null;
      return taken;
    },
  };
}
