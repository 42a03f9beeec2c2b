import { instantOf, wallTime } from './zone-time.ts';

/** The days of a week, in order. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

const halfDayMs = 43_200_000;

/** A time of a day, in minutes since midnight. It crosses midnight if `toMinute` is not greater than `fromMinute`. */
export interface HoursOfDay {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** A recurring time in which a room is quiet. */
export interface QuietHours extends HoursOfDay {
  /** The days on which it begins. */
  readonly days: readonly Weekday[];
  /** IANA name. */
  readonly timeZone: string;
}

/**
 * Returns the end of the quiet hours at `now` (both Unix milliseconds), the latest of several; null if there are none
 * at that time.
 */
export function quietUntil(hours: readonly QuietHours[], now: number): number | null {
  const running = hours.flatMap((each) => periodsAround(each, now).filter(({ from, to }) => from <= now && now < to));
  return running.reduce<number | null>((last, { to }) => Math.max(last ?? to, to), null);
}

/**
 * Returns the first instant after `now` at which quiet hours begin or end, or an instant before it, but at least in 12 hours (all Unix
 * milliseconds).
 */
export function nextQuietChange(hours: readonly QuietHours[], now: number): number {
  const instants = hours.flatMap((each) => periodsAround(each, now).flatMap(({ from, to }) => [from, to]));
  return instants.filter((at) => at > now).reduce((first, at) => Math.min(first, at), now + halfDayMs);
}

/** Returns those quiet hours that begin yesterday, today and tomorrow. */
function periodsAround({ fromMinute, toMinute, days, timeZone }: QuietHours, now: number) {
  const today = wallTime(now, timeZone);
  const at = (dayOffset: number, minutes: number) =>
    instantOf({ ...today, day: today.day + dayOffset, hour: 0, minute: minutes }, timeZone);
  return [-1, 0, 1].flatMap((dayOffset) => {
    const weekday = new Date(Date.UTC(today.year, today.month - 1, today.day + dayOffset)).getUTCDay();
    // JavaScript counts from Sunday.
    if (!days.includes(weekdays[(weekday + 6) % 7]!)) return [];
    return [{ from: at(dayOffset, fromMinute), to: at(dayOffset + (toMinute <= fromMinute ? 1 : 0), toMinute) }];
  });
}
