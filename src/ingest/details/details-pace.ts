import type { Clock } from '../../time/clock.ts';

/** Longest time for which a report waits for the details of its post, from its arrival, ms. */
export const AWAIT_DETAILS_MS = 500;
/** Age of a request without an answer from which on details of a new report would come too late, ms. */
const SLOW_MS = 300;

/**
 * Knows if the API answers fast enough for a new report to wait for its details. It is asked about each report, so it
 * shows by itself that it is fast again.
 */
export class DetailsPace {
  readonly #clock: Clock;
  #isInTime = true;
  /** When the request without an answer began, by the monotonic clock; null: there is none. */
  #since: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * True if the details of the last new report came in time, or none was asked for yet, and no request has been without
   * an answer for long.
   */
  get isQuick(): boolean {
    return this.#isInTime && (this.#since === null || this.#clock.monotonic() - this.#since < SLOW_MS);
  }

  /** Notes that a request begins. */
  began(): void {
    this.#since = this.#clock.monotonic();
  }

  /** Notes that the request ended, with an answer or without. */
  ended(): void {
    this.#since = null;
  }

  /** Notes how long after its arrival a new report got its details, ms; null: the API failed, or did not have it. */
  noteReport(afterMs: number | null): void {
    this.#isInTime = afterMs !== null && afterMs <= AWAIT_DETAILS_MS;
  }
}
