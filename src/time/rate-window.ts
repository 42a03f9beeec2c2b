/** A limit on how often something happens in any stretch of a given length. Instants are those of the caller's clock, ms. */
export interface RateWindow {
  /** Returns the delay before it may happen once more, ms; 0: it may now. */
  waitMs(now: number): number;
  /** Counts once more. */
  add(now: number): void;
}

/** Makes a window that allows `most` in any `windowMs`. */
export function createRateWindow(most: number, windowMs: number): RateWindow {
  /** The instants that were counted, the earliest first also if the clock was set back. */
  const counted: number[] = [];
  return {
    waitMs(now) {
      while (counted.length > 0 && counted[0]! <= now - windowMs) counted.shift();
      const [oldest] = counted;
      return oldest === undefined || counted.length < most ? 0 : oldest + windowMs - now;
    },
    add: (now) => void counted.splice(counted.findLastIndex((at) => at <= now) + 1, 0, now),
  };
}
