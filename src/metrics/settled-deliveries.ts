import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import type { DeliveryState } from '../words.ts';

/** Longest time from the instant at which a delivery is settled until that is stored, ms. */
const LATE_MS = 60_000;

/** Number of settled deliveries by state. */
export type SettledCounts = ReadonlyMap<DeliveryState, number>;

/**
 * Counts the deliveries settled from now on by any process (`lookout outbox drop` is another one), and reads each once
 * or twice. After the wall clock is set back, settled deliveries are counted only once it has caught up.
 */
export function createSettledDeliveries(db: Database, clock: Clock): { read(): Promise<SettledCounts> } {
  /** Deliveries settled before this instant are counted for good. */
  let countedUntil = clock.now();
  const counted = new Map<DeliveryState, number>();
  /**
   * The last result. It never decreases, as a counter must not, even when a dead letter is retried and no longer
   * settled.
   */
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
