import type { Clock } from '../../time/clock.ts';
import { type Backoff, nextWait } from './backoff.ts';

/** Delay before a rejected key is tried again, ms. Frequent attempts would not make it valid. */
const rejectedWaitMs = 5 * 60_000;
/**
 * Age at which a subscription counts as stable, ms. One that ends sooner belongs to the same outage, so that a server
 * that accepts and then disconnects us is not flooded with attempts.
 */
const stableAfterMs = 30_000;

/** Decides when the next attempt to connect begins, and begins it. */
export class Reconnection {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #connect: () => void;
  #backoff: Backoff | null = null;
  /** Time of the subscription by the monotonic clock, ms; null while there is none. */
  #subscribedAt: number | null = null;
  #cancel = () => {};

  /** @param random returns a number from 0 to 1 for the jitter of delays */
  constructor(clock: Clock, random: () => number, connect: () => void) {
    this.#clock = clock;
    this.#random = random;
    this.#connect = connect;
  }

  noteSubscribed(): void {
    this.#subscribedAt = this.#clock.monotonic();
  }

  /** Returns the delay before the next attempt, ms. */
  afterLoss(): number {
    const now = this.#clock.monotonic();
    if (this.#subscribedAt !== null && now - this.#subscribedAt >= stableAfterMs) this.#backoff = null;
    this.#subscribedAt = null;
    const { backoff, waitMs } = nextWait(this.#backoff, now, this.#random());
    this.#backoff = backoff;
    return this.#connectAfter(waitMs);
  }

  /** Returns the delay before the rejected key is tried again, ms. */
  afterRejection(): number {
    this.#subscribedAt = null;
    this.#backoff = null;
    return this.#connectAfter(rejectedWaitMs);
  }

  /** Another key than the rejected one is there. */
  atOnce(): void {
    this.#subscribedAt = null;
    this.#connectAfter(0);
  }

  /** Cancels the next attempt. The one after that is the first of another outage. */
  cancel(): void {
    this.#cancel();
    this.#subscribedAt = null;
    this.#backoff = null;
  }

  #connectAfter(waitMs: number): number {
    this.#cancel = this.#clock.after(waitMs, this.#connect);
    return waitMs;
  }
}
