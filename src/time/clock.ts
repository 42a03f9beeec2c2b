import { setImmediate } from 'node:timers/promises';

/** Time, handed in to everything that asks for it or waits for it, so that a test can hold it in its hand. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Milliseconds since some moment before the start. Setting the clock does not change it: what is measured is measured by it. */
  monotonic(): number;
  /** Calls `callback` once after `delayMs`, soon if that is negative; the returned function cancels it (and may be called twice). */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves once everything that is ready has had its turn of the event loop. */
  turn(): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
  turn: () => setImmediate(),
};

/** Resolves after `delayMs`, or at once when `signal` is aborted: the caller looks at the signal, nothing is thrown. */
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
