import type { Clock } from '../../time/clock.ts';
import { type Moment, momentNow } from '../../time/moment.ts';

/** Longest time between two beats of a process that runs, ms. */
const LATE_MS = 5_000;

/**
 * Knows how far a socket was read. A frame may have waited in the kernel: for a moment if the event loop was busy, for
 * hours if the machine slept or the process was stopped. Such a frame proves nothing about what was sent since.
 */
export interface Pulse {
  /** Call this from a timer about every second: the event loop reads its sockets after its timers. */
  beat(): void;
  /**
   * Everything that had reached this machine before this instant has been read; null for a second or two after this
   * process stood still.
   */
  readonly readUntil: Moment | null;
}

export function createPulse(clock: Clock): Pulse {
  let last = momentNow(clock);
  let wasLate = false;
  // While a machine sleeps, the monotonic clock stands still but the wall clock does not.
  const isLate = (now: Moment) => now.wall - last.wall > LATE_MS || now.monotonic - last.monotonic > LATE_MS;
  return {
    beat() {
      const now = momentNow(clock);
      wasLate = isLate(now);
      last = now;
    },
    get readUntil() {
      return wasLate || isLate(momentNow(clock)) ? null : last;
    },
  };
}
