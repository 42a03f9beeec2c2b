import { excerpt } from '../text/excerpt.ts';
import type { QuietHours } from '../time/quiet-hours.ts';
import { type Context, textError } from './context.ts';
import type { Text } from './tree.ts';

/** An example of quiet hours. */
const quietExample = 'write two times of a day: "22:00-07:00"';

const minutesOfDay = 1_440;

/** `rooms.*.quiet`: stretches of every day. What is wrong is reported and left out. */
export function readQuiet(context: Context, texts: readonly Text[]): readonly QuietHours[] {
  return texts.flatMap((text) => {
    const written = `"${excerpt(text.value, 40)}"`;
    const match = /^\s*(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})\s*$/.exec(text.value);
    if (match === null) {
      const many = text.value.match(/\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2}/g) ?? [];
      const list = `write a list: [${many.map((one) => `"${one}"`).join(', ')}]`;
      textError(context, text, 0, `${written} is not a stretch of a day`, many.length > 1 ? list : quietExample);
      return [];
    }
    const [begin = '', end = ''] = match.slice(1);
    const [fromMinute, toMinute] = [minuteOf(begin), minuteOf(end)];
    for (const [time, minute, index] of [
      [begin, fromMinute, text.value.indexOf(begin)],
      [end, toMinute, text.value.lastIndexOf(end)],
    ] as const)
      if (minute === null)
        textError(context, text, index, `${time} is not a time of day`, 'write hours and minutes, from 00:00 to 24:00');
    if (fromMinute === null || toMinute === null) return [];
    if (fromMinute % minutesOfDay === toMinute % minutesOfDay) {
      const wrong = `${written} ${fromMinute === toMinute ? 'ends when it begins' : 'is the whole day'}`;
      textError(context, text, 0, wrong, quietExample);
      return [];
    }
    return [{ fromMinute: fromMinute % minutesOfDay, toMinute }];
  });
}

/** Minutes since midnight; 24:00 is the end of a day. */
function minuteOf(time: string): number | null {
  const [hour = Number.NaN, minute = Number.NaN] = time.split(':').map(Number);
  const all = hour * 60 + minute;
  return minute < 60 && all <= minutesOfDay ? all : null;
}
