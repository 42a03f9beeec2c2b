import { type Clock, sleep } from './clock.ts';
import { createRateWindow } from './rate-window.ts';

/** Limits calls to a number per minute; later ones wait. Setting the clock changes nothing. */
export interface PerMinuteLimit {
  /** Resolves when one more call is allowed, or when the signal is aborted. One caller at a time. */
  take(signal: AbortSignal): Promise<void>;
}

const MINUTE_MS = 60_000;

export function createPerMinuteLimit(perMinute: number, clock: Clock): PerMinuteLimit {
  const given = createRateWindow(perMinute, MINUTE_MS);
  return {
    async take(signal) {
      const waitMs = given.waitMs(clock.monotonic());
      if (waitMs > 0) await sleep(clock, waitMs, signal);
      given.add(clock.monotonic());
    },
  };
}
