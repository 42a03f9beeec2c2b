import { instantOf, wallTime } from './zone-time.ts';

/** The days of a week, in order. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

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
  const ends = hours.flatMap((each) => endOf(each, now) ?? []);
  return ends.length === 0 ? null : Math.max(...ends);
}

function endOf({ fromMinute, toMinute, days, timeZone }: QuietHours, now: number): number | null {
  const today = wallTime(now, timeZone);
  const at = (dayOffset: number, minutes: number) =>
    instantOf({ ...today, day: today.day + dayOffset, hour: 0, minute: minutes }, timeZone);
  // Quiet hours that began yesterday may not have ended.
  for (const dayOffset of [0, -1]) {
    const weekday = new Date(Date.UTC(today.year, today.month - 1, today.day + dayOffset)).getUTCDay();
    // JavaScript counts from Sunday.
    if (!days.includes(weekdays[(weekday + 6) % 7]!)) continue;
    const end = at(dayOffset + (toMinute <= fromMinute ? 1 : 0), toMinute);
    if (at(dayOffset, fromMinute) <= now && now < end) return end;
  }
  return null;
}
