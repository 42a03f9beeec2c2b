import { type Clock, sleep } from './clock.ts';

/** Lets through so many a minute at most; whoever comes too early waits. Setting the clock changes nothing. */
export interface Permits {
  /** Resolves when one more may be made, or when the signal is aborted. One caller at a time. */
  take(signal: AbortSignal): Promise<void>;
}

const MINUTE_MS = 60_000;

export function createPermits(perMinute: number, clock: Clock): Permits {
  /** When those of the last minute were given, oldest first. */
  const given: number[] = [];
  return {
    async take(signal) {
      const oldest = given.length < perMinute ? undefined : given.shift();
      if (oldest !== undefined) await sleep(clock, oldest + MINUTE_MS - clock.monotonic(), signal);
      given.push(clock.monotonic());
    },
  };
}
