import type { Clock } from '../clock.ts';
import { type Moment, momentNow } from './moment.ts';

/** A beat that comes later than this after the one before means that the process stood still, in milliseconds. */
const LATE_MS = 5_000;

/**
 * Tells whether this process ran without a break just now. After a machine slept, or a process was stopped, frames are read that
 * have waited in the kernel for as long: they say nothing about what was sent since.
 */
export interface Pulse {
  /** To be called every second or so. */
  beat(): void;
  readonly isSteady: boolean;
}

export function createPulse(clock: Clock): Pulse {
  let last = momentNow(clock);
  let wasLate = false;
  // The monotonic clock stands still while a machine sleeps, the other one does not.
  const isLate = (now: Moment) => now.wall - last.wall > LATE_MS || now.monotonic - last.monotonic > LATE_MS;
  return {
    beat() {
      const now = momentNow(clock);
      wasLate = isLate(now);
      last = now;
    },
    get isSteady() {
      return !wasLate && !isLate(momentNow(clock));
    },
  };
}
