import type { MeasuredFigure, MeasuredRow } from './measurements.ts';

/** Largest factor by which a figure may be worse than in the last release. */
const mostTimesWorse = 2;

/** Times depend on the machine, memory does not. */
const comparesWithoutFloor = new Set(['MB', 'kB']);

/**
 * Returns the worst allowed value of a figure, according to the last release; null: the two cannot be compared. With a
 * floor the ratio to it counts, because a slow machine is slow for both; without one, only memory is compared, never a
 * time.
 */
export function worstAllowed(now: MeasuredFigure, released: MeasuredFigure): number | null {
  const grain = now.grain ?? 0;
  const isWithFloor = now.floor !== null && released.floor !== null;
  if (!isWithFloor && !comparesWithoutFloor.has(now.unit)) return null;
  const scale = isWithFloor ? (now.floor?.value ?? 0) / (released.floor?.value ?? 0) : 1;
  const asReleased = released.value * scale;
  if (!Number.isFinite(asReleased)) return null;
  return now.better === 'less' ? asReleased * mostTimesWorse + grain : asReleased / mostTimesWorse - grain;
}

export function isWorse(now: MeasuredFigure, released: MeasuredFigure): boolean {
  const worst = worstAllowed(now, released);
  if (worst === null) return false;
  return now.better === 'less' ? now.value > worst : now.value < worst;
}

/** Returns the figures of a row that are worse than the last release allows. */
export function worseFigures(now: MeasuredRow, released: MeasuredRow | undefined): readonly MeasuredFigure[] {
  if (now.outcome === 'failed' || released === undefined || released.outcome === 'failed') return [];
  return now.figures.filter((figure) => {
    const before = released.figures.find(({ name }) => name === figure.name);
    return before !== undefined && isWorse(figure, before);
  });
}

export function missesGoal({ value, floor, goal }: MeasuredFigure): boolean {
  if (goal === undefined) return false;
  switch (goal.kind) {
    case 'at most':
      return value > goal.value;
    case 'at least':
      return value < goal.value;
    case 'above the floor by at most':
      return floor !== null && value - floor.value > goal.value;
    case 'of the floor at least':
      return floor !== null && value < floor.value * goal.value;
    default:
      return goal satisfies never;
  }
}
