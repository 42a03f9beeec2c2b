/** The bounds of an exponential backoff, ms. */
interface Bounds {
  /** Delay after the first failure; 1 s by default. */
  readonly firstMs?: number;
  /** Longest delay of our own; 5 min by default. */
  readonly longestMs?: number;
  /** Delay that the other side asked for; the result is at least that. None by default. */
  readonly askedMs?: number;
}

/** Returns the delay before the next attempt, ms: doubled with each failure. `failures` counts from 1. */
export function backoffMs(
  failures: number,
  { firstMs = 1_000, longestMs = 5 * 60_000, askedMs = 0 }: Bounds = {},
): number {
  // Beyond 2 ** 20 every delay is the longest one.
  const ours = Math.min(longestMs, firstMs * 2 ** Math.min(20, Math.max(0, failures - 1)));
  return Math.max(ours, askedMs);
}

/** Returns the delay before the store is tried again, ms: it works again soon, or needs the operator. */
export function storeBackoffMs(failures: number): number {
  return backoffMs(failures, { longestMs: 30_000 });
}
