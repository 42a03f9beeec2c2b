import { instantOf, wallTime } from './zone-time.ts';

/** A daily time in which a room is quiet, in minutes since midnight. It crosses midnight if `toMinute` is smaller. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/**
 * Returns the end of the quiet hours at `now` (both Unix milliseconds), the latest of several; null if there are none
 * at that time.
 */
export function quietUntil(hours: readonly QuietHours[], now: number, timeZone: string): number | null {
  if (hours.length === 0) return null;
  const today = wallTime(now, timeZone);
  const at = (dayOffset: number, minutes: number) =>
    instantOf({ ...today, day: today.day + dayOffset, hour: 0, minute: minutes }, timeZone);
  let latest: number | null = null;
  // Quiet hours that began yesterday may not have ended.
  for (const { fromMinute, toMinute } of hours)
    for (const dayOffset of [-1, 0]) {
      const end = at(dayOffset + (toMinute <= fromMinute ? 1 : 0), toMinute);
      if (at(dayOffset, fromMinute) <= now && now < end) latest = Math.max(latest ?? 0, end);
    }
  return latest;
}
