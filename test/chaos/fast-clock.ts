import type { Clock } from '../../src/clock.ts';

/** A trial's time runs so many times faster: a minute of waiting is a few seconds. */
export const speed = 8;

/** Lookout's time, which began with the trial (`epoch`, Unix milliseconds) and goes on over its restarts. */
export function createFastClock(epoch: number): Clock {
  return {
    now: () => fastTime(epoch, Date.now()),
    monotonic: () => performance.now() * speed,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs / speed);
      return () => clearTimeout(timer);
    },
  };
}

/** What Lookout's clock shows at an instant of the real one. */
export function fastTime(epoch: number, real: number): number {
  return Math.round(epoch + (real - epoch) * speed);
}

/** When the real clock shows what Lookout's does. */
export function realTime(epoch: number, fast: number): number {
  return epoch + (fast - epoch) / speed;
}
