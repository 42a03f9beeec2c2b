const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;

/**
 * How long to wait before the next attempt, in milliseconds: what the platform asked for, and at least one second
 * doubling with each attempt that had no clear answer, up to five minutes.
 */
export function backoffMs(attempts: number, askedMs: number): number {
  const ours = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(20, Math.max(0, attempts - 1)));
  return Math.max(ours, askedMs);
}
