const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;
const LONGEST_STORE_MS = 30_000;

/**
 * Returns the delay before the next attempt, ms: the one that the platform requested, but at least one second doubling
 * with each attempt without a clear answer, up to `longestMs` (five minutes).
 */
export function backoffMs(attempts: number, askedMs = 0, longestMs = LONGEST_MS): number {
  const ours = Math.min(longestMs, FIRST_MS * 2 ** Math.min(20, Math.max(0, attempts - 1)));
  return Math.max(ours, askedMs);
}

/** Returns the same for our own store, which soon works again or needs the operator: up to half a minute. */
export function storeBackoffMs(failures: number): number {
  return backoffMs(failures, 0, LONGEST_STORE_MS);
}
