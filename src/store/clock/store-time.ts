import type { Boot } from '../../time/boot.ts';

/** One instant by all clocks. */
export interface SavedClock {
  /** The store's time, Unix milliseconds. */
  readonly storeAt: number;
  /** The wall clock, Unix milliseconds. */
  readonly wallAt: number;
  /** Null: unknown. */
  readonly boot: Boot | null;
  /** The instant since which the length of time is known, store time. */
  readonly sureSince: number;
}

/** The clocks of the machine at the start of a process. */
export type Reading = Pick<SavedClock, 'wallAt' | 'boot'>;

/** The store's time at the start of a process. */
export interface Resumed {
  /** Unix milliseconds. */
  readonly now: number;
  readonly sureSince: number;
}

/** Lookout is younger than this: a wall clock before it was not set yet, as on a machine whose clock has no battery. Unix milliseconds. */
export const earliestWall = Date.UTC(2026, 0, 1);

/** Smallest difference between two clocks that shows that one was set, ms. */
const SMALLEST_STEP_MS = 1_000;

/**
 * Returns the store's time at the start of a process: within one run of the machine as much later as the time since boot says; after
 * that as the wall clock says. It never goes back. Where the passed time is not known, none has passed. `saved`: null at
 * the first start. `floor`: a stored instant, which is not in the future; Unix milliseconds. Pure.
 */
export function storeTime(saved: SavedClock | null, { wallAt, boot }: Reading, floor: number): Resumed {
  if (saved === null) return { now: Math.max(wallAt, earliestWall, floor), sureSince: 0 };
  const passed = passedSince(saved, { wallAt, boot });
  const now = saved.storeAt + passed.ms;
  if (floor > now) return unsure(floor);
  return passed.isSure ? { now, sureSince: saved.sureSince } : unsure(now);
}

/** Everything before is of unknown age. */
const unsure = (now: number): Resumed => ({ now, sureSince: now });

function passedSince(saved: SavedClock, { wallAt, boot }: Reading): { readonly ms: number; readonly isSure: boolean } {
  const byWallMs = wallAt - saved.wallAt;
  if (boot !== null && saved.boot?.id === boot.id && boot.sinceMs >= saved.boot.sinceMs) {
    const ms = Math.round(boot.sinceMs - saved.boot.sinceMs);
    // A wall clock that went further may be the sign that the machine was suspended.
    return { ms, isSure: byWallMs - ms < SMALLEST_STEP_MS };
  }
  // Two processes that read the clock of one server differ by some milliseconds.
  const isKnown = byWallMs > -SMALLEST_STEP_MS && saved.wallAt >= earliestWall;
  return { ms: isKnown ? Math.max(0, byWallMs) : 0, isSure: isKnown };
}
