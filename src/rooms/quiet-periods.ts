import type { QuietRule } from '../config/config.ts';
import { nextQuietChange, quietUntil } from '../time/quiet-hours.ts';

/** Largest difference of two ends of the same quiet hours, ms: the clocks drift apart by less, and a clock that is set moves the end. */
export const SAME_END_MS = 30_000;

/** A time that is quiet now, and the events that it holds back. Hours of the day are those of the wall clock. */
export type Period = Pick<QuietRule, 'events' | 'except'> & {
  /** Unix milliseconds. */
  readonly until: number;
};

/** The quiet hours of a room at an instant of the wall clock. */
export interface QuietNow {
  readonly periods: readonly Period[];
  /** The periods as text: they are the same if it is. */
  readonly text: string;
  /** Time at which the periods may be other ones, Unix milliseconds. */
  readonly changesAt: number;
}

/**
 * Creates the function that returns the quiet hours by rules at an instant of the wall clock, Unix milliseconds. It computes them once for
 * all rooms that have the same rules, as most do.
 */
export function quietAt(now: number): (rules: readonly QuietRule[]) => QuietNow {
  const known = new Map<string, QuietNow>();
  return (rules) => {
    const text = textOf(rules);
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = quietNow(rules, now);
    known.set(text, found);
    return found;
  };
}

/** Returns the same text for rules that differ in nothing but their origin. */
function textOf(rules: readonly QuietRule[]): string {
  return JSON.stringify(
    rules.map((rule) => [rule.fromMinute, rule.toMinute, rule.days, rule.timeZone, rule.events, rule.except]),
  );
}

function quietNow(rules: readonly QuietRule[], now: number): QuietNow {
  const periods = quietPeriods(rules, now);
  return { periods, text: JSON.stringify(periods), changesAt: nextQuietChange(rules, now) };
}

/** Returns the periods in which it is now. Quiet hours for the same events that overlap are one, which ends with the last of them. */
function quietPeriods(rules: readonly QuietRule[], now: number): readonly Period[] {
  const alike = Map.groupBy(rules, ({ events, except }) => JSON.stringify([events, except]));
  return [...alike.values()].flatMap((some) => {
    const until = quietUntil(some, now);
    const { events, except } = some[0]!;
    return until === null ? [] : [{ events, except, until }];
  });
}

export function isSamePeriod(a: Period, b: Period): boolean {
  return Math.abs(a.until - b.until) < SAME_END_MS && a.events === b.events && a.except === b.except;
}
