import type { QuietHours } from '../rooms/quiet-hours.ts';
import { type Context, textError } from './context.ts';
import type { Text } from './tree.ts';

const right = 'write two times of a day: "22:00-07:00"';

/** `rooms.*.quiet`: stretches of every day. What is wrong is reported and left out. */
export function readQuiet(context: Context, texts: readonly Text[]): readonly QuietHours[] {
  return texts.flatMap((text) => {
    const match = /^\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*$/.exec(text.value);
    const [fromHour, fromMinutes, toHour, toMinutes] = (match ?? []).slice(1).map(Number);
    const from = minuteOf(fromHour, fromMinutes);
    const to = minuteOf(toHour, toMinutes);
    if (from === null || to === null) {
      textError(context, text, 0, `"${text.value.slice(0, 40)}" is no stretch of a day`, right);
      return [];
    }
    if (from % 1_440 === to % 1_440) {
      textError(context, text, 0, 'quiet hours that end when they begin', right);
      return [];
    }
    return [{ fromMinute: from, toMinute: to }];
  });
}

/** Minutes since midnight; 24:00 is the end of a day. */
function minuteOf(hour = Number.NaN, minute = Number.NaN): number | null {
  const all = hour * 60 + minute;
  return minute < 60 && all <= 1_440 ? all : null;
}
