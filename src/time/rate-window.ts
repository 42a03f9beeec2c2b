/** A limit on how often something happens in any stretch of a given length. Instants are those of the caller's clock, ms. */
export interface RateWindow {
  /** Returns the delay before it may happen once more, ms; 0: it may now. */
  waitMs(now: number): number;
  /** Counts once more. */
  add(now: number): void;
}

/** Makes a window that allows `most` in any `windowMs`. */
export function createRateWindow(most: number, windowMs: number): RateWindow {
  /** Instants within the window, oldest first. */
  let counted: readonly number[] = [];

  function forget(now: number): void {
    counted = counted.filter((at) => at > now - windowMs);
  }

  return {
    waitMs(now) {
      forget(now);
      const [oldest] = counted;
      return oldest === undefined || counted.length < most ? 0 : oldest + windowMs - now;
    },
    add(now) {
      forget(now);
      counted = [...counted, now];
    },
  };
}
