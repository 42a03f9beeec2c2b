import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '../../src/time/clock.ts';
import { steadyClock } from '../../src/time/steady-clock.ts';

/** Speed of a trial's time: a minute of waiting takes a few seconds. */
export const speed = 8;

/**
 * Unit in which clocks are set, ms of Lookout's time. No trial lasts as long, so the time of a clock identifies the
 * instant, however it was set. It is longer than any key on Discord protects, and shorter than the hour by which the
 * clocks of Lookout and a platform may differ.
 */
export const leapMs = 15 * 60_000;
/** Time that passes at once, in leaps. */
export const passingLeaps = 2;
/** Time before the trial that Lookout's times may refer to, ms. */
const beforehandMs = 60_000;
/** Interval between two checks for a set clock, ms of real time. */
const lookEveryMs = 10;

/**
 * Creates Lookout's clock. It starts with the trial (`epoch`, Unix milliseconds) and continues over restarts. `leaps`:
 * number of leaps by which the clock is set forward. `real`: the real time.
 */
export function createFastClock(epoch: number, leaps: () => number, real = Date.now): Clock {
  return steadyClock({
    wall: () => fastTime(epoch, real()) + leaps() * leapMs,
    // The machine sleeps while time passes at once; a clock that is set back leaves fewer leaps.
    boot: () => ({
      id: 'trial',
      sinceMs: fastTime(epoch, real()) - epoch + (leaps() > 0 ? passingLeaps * leapMs : 0),
    }),
    monotonic: () => performance.now() * speed,
    after(delayMs, callback) {
      const timer = setTimeout(callback, Math.max(0, delayMs) / speed);
      return () => clearTimeout(timer);
    },
    turn: systemClock.turn,
  });
}

/** Reads from a file the number of leaps by which the clock is set. */
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

/** Returns the time of Lookout's clock at an instant of the real one, if it was never set. */
export function fastTime(epoch: number, real: number): number {
  return Math.round(epoch + (real - epoch) * speed);
}

/** Returns the real time at a time of Lookout's clock, if that was never set. */
export function realTimeIfNeverSet(epoch: number, fast: number): number {
  return epoch + (fast - epoch) / speed;
}

/** Returns the real time at a time of Lookout's clock, however that was set. */
export function realTime(epoch: number, fast: number): number {
  const since = fast - epoch + beforehandMs;
  const inTrial = since - Math.floor(since / leapMs) * leapMs;
  return epoch + (inTrial - beforehandMs) / speed;
}
