import { instantOf, wallTime } from './zone-time.ts';

/** A stretch of every day in which a room is quiet, in minutes since midnight; it crosses midnight where `toMinute` is less. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** The end of the quiet hours that hold at `now` (both Unix milliseconds), the latest where several do; null: none holds. */
export function quietUntil(hours: readonly QuietHours[], now: number, timeZone: string): number | null {
  if (hours.length === 0) return null;
  const today = wallTime(now, timeZone);
  const at = (dayOffset: number, minutes: number) =>
    instantOf({ ...today, day: today.day + dayOffset, hour: 0, minute: minutes }, timeZone);
  let latest: number | null = null;
  // What began yesterday may still hold.
  for (const { fromMinute, toMinute } of hours)
    for (const dayOffset of [-1, 0]) {
      const end = at(dayOffset + (toMinute <= fromMinute ? 1 : 0), toMinute);
      if (at(dayOffset, fromMinute) <= now && now < end) latest = Math.max(latest ?? 0, end);
    }
  return latest;
}
