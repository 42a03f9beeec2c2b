import type { Clock, MachineClock } from './clock.ts';

/** Smallest step of a wall clock that matters, ms: smaller ones are usual corrections. */
const SMALLEST_STEP_MS = 1_000;

/** The store's time at which a steady clock begins, Unix milliseconds. */
export interface Begin {
  readonly now: number;
  readonly sureSince: number;
}

/** A clock that goes on by itself, and that a better one may correct. */
export interface SteadyClock extends Clock {
  /** Sets its store time forward by these milliseconds; it never goes back. */
  advance(byMs: number): void;
}

/**
 * Returns a clock whose store time goes on by the monotonic clock, so that a wall clock that is set moves nothing. `begin`: as the wall
 * clock by default. `onStep` is called when a look at the clock shows that the wall clock was set.
 */
export function steadyClock(
  clock: MachineClock,
  begin?: Begin,
  onStep: (stepMs: number) => void = () => {},
): SteadyClock {
  /** Time by which the clocks are ahead of the monotonic one, ms; null before the first look. */
  let ahead: { now: number; wall: number } | null = null;
  let sureSince = begin?.sureSince ?? Number.NEGATIVE_INFINITY;

  function lead() {
    if (ahead !== null) return ahead;
    const monotonic = clock.monotonic();
    const wall = clock.wall() - monotonic;
    ahead = { now: begin === undefined ? wall : begin.now - monotonic, wall };
    return ahead;
  }

  const now = () => Math.round(lead().now + clock.monotonic());

  // What it begins with is true now, and not at the first look.
  if (begin !== undefined) lead();
  return {
    ...clock,
    now,
    advance(byMs) {
      lead().now += Math.max(0, byMs);
    },
    sureSince() {
      const known = lead();
      const wall = clock.wall() - clock.monotonic();
      const stepMs = wall - known.wall;
      // Between two looks the clocks drift apart by much less.
      known.wall = wall;
      if (stepMs >= SMALLEST_STEP_MS) sureSince = now();
      if (Math.abs(stepMs) >= SMALLEST_STEP_MS) onStep(Math.round(stepMs));
      return sureSince;
    },
  };
}
