import { type Clock, sleep } from './clock.ts';

/** Limits calls to a number per minute; later ones wait. Setting the clock changes nothing. */
export interface Permits {
  /** Resolves when one more call is allowed, or when the signal is aborted. One caller at a time. */
  take(signal: AbortSignal): Promise<void>;
}

const MINUTE_MS = 60_000;

export function createPermits(perMinute: number, clock: Clock): Permits {
  /** Times of the permits of the last minute, oldest first. */
  const given: number[] = [];
  return {
    async take(signal) {
      const oldest = given.length < perMinute ? undefined : given.shift();
      if (oldest !== undefined) await sleep(clock, oldest + MINUTE_MS - clock.monotonic(), signal);
      given.push(clock.monotonic());
    },
  };
}
