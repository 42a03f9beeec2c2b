import type { Clock } from '../../src/time/clock.ts';
import { allAnswered } from './postgres/statements.ts';

/** A clock that stands still until the test moves it. */
export interface TestClock extends Clock {
  /** Advances time by `ms`, firing each timer at its own instant, and runs everything that was woken before it returns. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock forward (or back, below 0) by `ms`, as its owner would; no time passes. */
  set(ms: number): void;
  /** Lets time pass for all clocks and for no timer, as if the process stood still meanwhile. */
  skip(ms: number): void;
  /** The machine is started again: its time since boot is lost. */
  reboot(): void;
  /** Number of pending timers. */
  readonly pending: number;
}

/** Creates a clock for a test. It starts at `start` (Unix milliseconds). */
export function createTestClock(start = Date.UTC(2026, 0, 2, 3, 4, 5)): TestClock {
  /** The store's time. */
  let store = start;
  /** Time by which the wall clock was set, ms. */
  let setMs = 0;
  let sureSince = Number.NEGATIVE_INFINITY;
  let boots = 1;
  let bootedAt = start;
  /**
   * The time of `monotonic`, by which timers run. It is far from the wall clock, so that a confusion of the two is
   * noticed.
   */
  let now = 1_000;
  /** Time that passed for no timer, ms. */
  let skippedMs = 0;
  let nextId = 0;
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  const pass = (until: number) => {
    store += until - now;
    now = until;
  };
  return {
    now: () => store,
    wall: () => store + setMs,
    sureSince: () => sureSince,
    boot: () => ({ id: `boot ${boots}`, sinceMs: store - bootedAt }),
    monotonic: () => now + skippedMs,
    after: (delayMs, callback) => {
      const id = nextId++;
      timers.set(id, { at: now + Math.max(0, delayMs), callback });
      return () => timers.delete(id);
    },
    // Everything that is ready runs before `advance` returns.
    turn: () => Promise.resolve(),
    async advance(ms) {
      const end = now + ms;
      await allAnswered();
      for (;;) {
        const due = [...timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
        if (!due) break;
        const [id, timer] = due;
        pass(Math.max(now, timer.at));
        timers.delete(id);
        timer.callback();
        await allAnswered();
      }
      pass(end);
      await allAnswered();
    },
    set(ms) {
      setMs += ms;
      if (ms > 0) sureSince = store;
    },
    skip(ms) {
      store += ms;
      skippedMs += ms;
    },
    reboot() {
      boots++;
      bootedAt = store;
    },
    get pending() {
      return timers.size;
    },
  };
}
