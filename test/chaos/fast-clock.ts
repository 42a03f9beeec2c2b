import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '../../src/time/clock.ts';

/** A trial's time runs so many times faster: a minute of waiting is a few seconds. */
export const speed = 8;

/**
 * Clocks are set by whole multiples of this, in milliseconds of Lookout's time. No trial lasts so long, so that what a clock
 * shows tells the instant, however it was set. Longer than any key on Discord protects, shorter than the hour by which
 * Lookout's clock and a platform's may differ.
 */
export const leapMs = 15 * 60_000;
/** Lookout speaks of times shortly before the trial, too, in milliseconds. */
const beforehandMs = 60_000;
/** How often a process looks by how much its clock was set, in milliseconds of real time. */
const lookEveryMs = 10;

/** Lookout's time, which began with the trial (`epoch`, Unix milliseconds) and goes on over its restarts. `leaps`: by how many leaps the clock is set forward. */
export function createFastClock(epoch: number, leaps: () => number): Clock {
  return {
    now: () => fastTime(epoch, Date.now()) + leaps() * leapMs,
    monotonic: () => performance.now() * speed,
    after(delayMs, callback) {
      const timer = setTimeout(callback, Math.max(0, delayMs) / speed);
      return () => clearTimeout(timer);
    },
    turn: systemClock.turn,
  };
}

/** Reads from a file by how many leaps the clock is set. */
export function leapsIn(file: string): () => number {
  let leaps = 0;
  let lookAt = 0;
  return () => {
    if (performance.now() >= lookAt) {
      leaps = Number(readFileSync(file, 'utf8'));
      lookAt = performance.now() + lookEveryMs;
    }
    return leaps;
  };
}

/** What Lookout's clock shows at an instant of the real one, if it was never set. */
export function fastTime(epoch: number, real: number): number {
  return Math.round(epoch + (real - epoch) * speed);
}

/** When the real clock showed what Lookout's did, if that was never set. */
export function realTimeIfNeverSet(epoch: number, fast: number): number {
  return epoch + (fast - epoch) / speed;
}

/** When the real clock showed what Lookout's did, however that was set. */
export function realTime(epoch: number, fast: number): number {
  const since = fast - epoch + beforehandMs;
  const inTrial = since - Math.floor(since / leapMs) * leapMs;
  return epoch + (inTrial - beforehandMs) / speed;
}
