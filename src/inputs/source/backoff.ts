/** What has to be remembered between two attempts of one outage. */
export interface Backoff {
  /** When the outage began, by the monotonic clock. */
  readonly outageSince: number;
  /** The wait before the latest attempt, before jitter; milliseconds. */
  readonly baseMs: number;
}

const firstMs = 500;
/** While an outage is young the server is probably restarting: looking every 4 s costs it nothing and loses little. */
const youngForMs = 5 * 60_000;
const longestYoungMs = 4_000;
const longestMs = 15_000;
/** The part of a wait that chance may take away, so that many clients of one server do not come back in step. */
const jitter = 0.25;

/**
 * How long to wait before the next attempt: 0.5 s doubling to 4 s for the first five minutes of an outage, then growing
 * to 15 s, each shortened by up to a quarter.
 *
 * @param previous what the wait before gave; null at the start of an outage
 * @param now by the monotonic clock, milliseconds
 * @param random from 0 to 1
 */
export function nextWait(previous: Backoff | null, now: number, random: number): { backoff: Backoff; waitMs: number } {
  const outageSince = previous?.outageSince ?? now;
  const longest = now - outageSince < youngForMs ? longestYoungMs : longestMs;
  const baseMs = previous === null ? firstMs : Math.min(longest, previous.baseMs * 2);
  return { backoff: { outageSince, baseMs }, waitMs: Math.round(baseMs * (1 - jitter * random)) };
}
