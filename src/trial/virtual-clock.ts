import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../time/clock.ts';

/** Longest stretch of time that passes timer by timer, ms. The beginning of a longer pause is skipped, as if the machine had slept. */
const LONGEST_MS = 2 * 3_600_000;

/** Step in which time passes while something is done, ms. */
const STEP_MS = 50;

/** A clock without waits: time passes when its owner says so. */
export interface VirtualClock extends Clock {
  /** Lets time pass up to an instant, Unix milliseconds. Each timer fires at its own; an instant that is over changes nothing. */
  passUntil(at: number): Promise<void>;
  /** Lets time pass until something is done. */
  passWhile(work: Promise<void>): Promise<void>;
  /** Lets everything run that is ready now. */
  settle(): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Creates a virtual clock that shows `start`, Unix milliseconds. */
export function createVirtualClock(start: number): VirtualClock {
  let now = start;
  /** Time that was skipped, ms: timers do not know of it. */
  let skippedMs = 0;
  const timers = new Set<Timer>();
  const settle = async () => void (await setImmediate());

  function nextBefore(end: number): Timer | null {
    let next: Timer | null = null;
    for (const timer of timers) if (timer.at <= end && (next === null || timer.at < next.at)) next = timer;
    return next;
  }

  const clock: VirtualClock = {
    now: () => now + skippedMs,
    wall: () => now + skippedMs,
    sureSince: () => Number.NEGATIVE_INFINITY,
    boot: () => null,
    monotonic: () => now,
    after(delayMs, callback) {
      const timer = { at: now + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    turn: settle,
    settle,
    async passUntil(at) {
      await settle();
      const pauseMs = at - (now + skippedMs);
      skippedMs += Math.max(0, pauseMs - LONGEST_MS);
      const end = now + Math.min(pauseMs, LONGEST_MS);
      for (let timer = nextBefore(end); timer !== null; timer = nextBefore(end)) {
        now = Math.max(now, timer.at);
        timers.delete(timer);
        timer.callback();
        await settle();
      }
      now = Math.max(now, end);
      await settle();
    },
    async passWhile(work) {
      let isDone = false;
      const end = () => {
        isDone = true;
      };
      work.then(end, end);
      while (!isDone) await clock.passUntil(clock.now() + STEP_MS);
      await work;
    },
  };
  return clock;
}
