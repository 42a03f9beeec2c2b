import type { Clock } from './clock.ts';

/** An instant by both clocks. */
export interface Moment {
  /** Unix milliseconds. */
  readonly wall: number;
  readonly monotonic: number;
}

export function momentNow(clock: Clock): Moment {
  return { wall: clock.wall(), monotonic: clock.monotonic() };
}

/**
 * Returns when it was, by the present setting of the wall clock, rather too early than too late: the wall clock may
 * have been set back since, and the monotonic one stands still while the machine sleeps. Unix milliseconds.
 */
export function wallTimeOf({ wall, monotonic }: Moment, clock: Clock): number {
  return Math.min(wall, Math.floor(clock.wall() - (clock.monotonic() - monotonic)));
}
