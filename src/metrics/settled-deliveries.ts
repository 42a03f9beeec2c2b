import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import type { DeliveryState } from '../words.ts';

/** A delivery is written as settled at most so long after the instant that it is settled at, in milliseconds. */
const LATE_MS = 60_000;

/** How many deliveries were settled, by state. */
export type SettledCounts = ReadonlyMap<DeliveryState, number>;

/**
 * Counts the deliveries that are settled from now on, whoever settles them (`lookout outbox drop` is another process), and
 * reads each but once or twice. A wall clock that is set back hides those that are settled until it has caught up.
 */
export function createSettledDeliveries(db: Database, clock: Clock): { read(): Promise<SettledCounts> } {
  /** What was settled before it is counted for good. */
  let countedUntil = clock.now();
  const counted = new Map<DeliveryState, number>();
  /** What was told last: a dead letter that is tried again is settled no more, and a counter does not go back. */
  const told = new Map<DeliveryState, number>();

  async function countBetween(from: number, until: number): Promise<SettledCounts> {
    const rows = await db
      .selectFrom('deliveries')
      .select((s) => ['state', s.fn.countAll<number>().as('count')])
      .where('settled_at', '>=', from)
      .where('settled_at', '<', until)
      .groupBy('state')
      .execute();
    return new Map(rows.map((row) => [row.state, Number(row.count)]));
  }

  return {
    async read() {
      const until = clock.now() - LATE_MS;
      if (until > countedUntil) {
        for (const [state, count] of await countBetween(countedUntil, until))
          counted.set(state, (counted.get(state) ?? 0) + count);
        countedUntil = until;
      }
      const recent = await countBetween(countedUntil, Number.MAX_SAFE_INTEGER);
      for (const state of new Set([...counted.keys(), ...recent.keys()])) {
        const total = (counted.get(state) ?? 0) + (recent.get(state) ?? 0);
        told.set(state, Math.max(told.get(state) ?? 0, total));
      }
      return told;
    },
  };
}
