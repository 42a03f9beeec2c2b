import { setImmediate } from 'node:timers/promises';
import { type Boot, readBoot } from './boot.ts';
import { countingSleep } from './counting-sleep.ts';
import { steadyClock } from './steady-clock.ts';

/** The part of a clock that the machine gives. */
export interface MachineClock {
  /**
   * Returns the time that people see, Unix milliseconds. It can be set, so it is only for display, for hours of the day, and to be
   * compared with the times of others.
   */
  wall(): number;
  /**
   * Returns milliseconds since some instant before the start, with the time in which the machine slept. Setting the wall clock does
   * not change it, so it is used to measure durations.
   */
  monotonic(): number;
  /** Returns the present run of the machine; null: unknown. */
  boot(): Boot | null;
  /**
   * Calls `callback` once after `delayMs`, soon if that is negative, and after 24 days if it is longer. The returned function cancels it (and may be
   * called twice).
   */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves when everything that is ready has had its turn of the event loop. */
  turn(): Promise<void>;
}

/** The time, passed as a parameter to everything that reads it or waits for it, so that tests can control it. */
export interface Clock extends MachineClock {
  /**
   * Returns the store's time, Unix milliseconds: the time of all that is stored and scheduled. It is the wall clock's until that is
   * set; then it goes on steadily. It never goes back.
   */
  now(): number;
  /**
   * Returns the instant since which the length of time is known, store time. The time between an earlier instant and now may be
   * longer than the difference: a wall clock went forward, which may be the first sign that the machine was suspended.
   */
  sureSince(): number;
}

/** Limit of Node's timers, ms: one that is longer ends at once (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of the machine. Its store time is that of a store which ends with the process. */
export const systemClock: Clock = steadyClock(
  countingSleep({
    wall: () => Date.now(),
    monotonic: () => performance.now(),
    boot: readBoot,
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, Math.min(LONGEST_TIMER_MS, Math.max(0, delayMs)));
      return () => clearTimeout(timer);
    },
    turn: () => setImmediate(),
  }),
);

/** Returns what the wall clock shows at an instant of the store's time, both Unix milliseconds. */
export function toWall(clock: Pick<Clock, 'now' | 'wall'>, at: number): number {
  return at + wallAheadMs(clock);
}

/** Returns the time by which the wall clock is ahead of the store's time, ms; 0 unless it was set. */
export function wallAheadMs(clock: Pick<Clock, 'now' | 'wall'>): number {
  const aheadMs = clock.wall() - clock.now();
  // The two are not read in the same instant.
  return Math.abs(aheadMs) < LARGEST_READING_MS ? 0 : aheadMs;
}

/** Returns an event whose arrival is by the wall clock, for what people see. */
export function asOnWall<E extends { readonly receivedAt: number }>(clock: Pick<Clock, 'now' | 'wall'>, event: E): E {
  const aheadMs = wallAheadMs(clock);
  return aheadMs === 0 ? event : { ...event, receivedAt: event.receivedAt + aheadMs };
}

/** Largest difference between two clocks that show the same time, ms. */
const LARGEST_READING_MS = 50;

/** Resolves after `delayMs`, or at once when `signal` is aborted. The caller checks the signal; nothing is thrown. */
export function sleep(clock: Pick<Clock, 'after'>, delayMs: number, signal?: AbortSignal): Promise<void> {
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
