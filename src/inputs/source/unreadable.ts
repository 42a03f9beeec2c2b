import type { Clock } from '../../time/clock.ts';

export interface UnreadableCounter {
  /** One more; `from` is when the last readable frame came, Unix milliseconds. */
  count(from: number): void;
  readonly total: number;
  /** The time before the first of those that are not reported yet, Unix milliseconds; null: all are. */
  readonly untoldFrom: number | null;
  stop(): void;
}

/** A server that sends garbage sends much of it: after the first frame it is told of in sums. */
const quietMs = 10 * 60_000;

/**
 * Counts frames that could not be read and tells of them at once, then at most every ten minutes.
 *
 * @param tell gets how many there were since it was last called, and the time before the first of them
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
