import type { Clock } from '../../time/clock.ts';

export interface UnreadableCounter {
  /** Counts one more frame; `from` is the time of the last readable frame, Unix milliseconds. */
  count(from: number): void;
  readonly total: number;
  /** Time before the first frame that is not reported yet, Unix milliseconds; null: all are reported. */
  readonly untoldFrom: number | null;
  stop(): void;
}

/**
 * Interval between two reports, ms. A server that sends one unreadable frame usually sends many, so after the first
 * they are reported in sums.
 */
const quietMs = 10 * 60_000;

/**
 * Counts frames that could not be read. Reports the first at once, then at most once every ten minutes.
 *
 * @param tell receives the number since the last call, and the time before the first of them
 */
export function createUnreadableCounter(clock: Clock, tell: (frames: number, from: number) => void): UnreadableCounter {
  let total = 0;
  let untold: { frames: number; readonly from: number } | null = null;
  let cancel: (() => void) | null = null;

  function tellAndWait(frames: number, from: number): void {
    cancel = clock.after(quietMs, () => {
      cancel = null;
      if (untold === null) return;
      const { frames, from } = untold;
      untold = null;
      tellAndWait(frames, from);
    });
    tell(frames, from);
  }

  return {
    count(from) {
      total += 1;
      if (cancel === null) tellAndWait(1, from);
      else if (untold === null) untold = { frames: 1, from };
      else untold.frames += 1;
    },
    get total() {
      return total;
    },
    get untoldFrom() {
      return untold?.from ?? null;
    },
    stop: () => cancel?.(),
  };
}
