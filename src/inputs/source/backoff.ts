/** The state between two attempts of one outage. */
export interface Backoff {
  /** Start of the outage by the monotonic clock, ms. */
  readonly outageSince: number;
  /** Delay before the latest attempt, before jitter, ms. */
  readonly baseMs: number;
}

const firstMs = 500;
/**
 * Time for which delays stay short, ms. At first the server is probably restarting, and an attempt every 4 s costs it
 * nothing.
 */
const youngForMs = 5 * 60_000;
const longestYoungMs = 4_000;
const longestMs = 15_000;
/**
 * Largest part of a delay that is removed at random, so that the clients of one server do not reconnect at the same
 * time.
 */
const jitter = 0.25;

/**
 * Returns the delay before the next attempt, ms: 0.5 s doubling to 4 s for the first five minutes of an outage, then
 * growing to 15 s, each shortened by up to a quarter.
 *
 * @param previous the state from the last call; null at the start of an outage
 * @param now by the monotonic clock, milliseconds
 * @param random from 0 to 1
 */
export function nextWait(previous: Backoff | null, now: number, random: number): { backoff: Backoff; waitMs: number } {
  const outageSince = previous?.outageSince ?? now;
  const longest = now - outageSince < youngForMs ? longestYoungMs : longestMs;
  const baseMs = previous === null ? firstMs : Math.min(longest, previous.baseMs * 2);
  return { backoff: { outageSince, baseMs }, waitMs: Math.round(baseMs * (1 - jitter * random)) };
}
