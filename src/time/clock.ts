import { setImmediate } from 'node:timers/promises';

/** The time, passed as a parameter to everything that reads it or waits for it, so that tests can control it. */
export interface Clock {
  /** Returns Unix time in milliseconds. */
  now(): number;
  /**
   * Returns milliseconds since some instant before the start. Setting the clock does not change it, so it is used to
   * measure durations.
   */
  monotonic(): number;
  /**
   * Calls `callback` once after `delayMs`, soon if that is negative. The returned function cancels it (and may be
   * called twice).
   */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves when everything that is ready has had its turn of the event loop. */
  turn(): Promise<void>;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
  turn: () => setImmediate(),
};

/** Resolves after `delayMs`, or at once when `signal` is aborted. The caller checks the signal; nothing is thrown. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener('abort', done);
  });
}
