import type { TextProblem } from '../catalogue/event-spec.ts';
import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { type HoursOfDay, type Weekday, weekdays } from '../time/quiet-hours.ts';

export type ParsedHours =
  | { readonly outcome: 'hours'; readonly hours: HoursOfDay }
  | { readonly outcome: 'problem'; readonly problem: TextProblem };

export type ParsedDays =
  /** In the order of the week, at least one. */
  | { readonly outcome: 'days'; readonly days: readonly Weekday[] }
  | { readonly outcome: 'problem'; readonly problem: TextProblem };

const hoursExample = 'write two times of a day: "22:00-07:00"';
const daysExample = 'write days as mon-fri, or sat,sun';

const minutesOfDay = 1_440;

/** Parses a time of a day: `22:00-07:00`. */
export function parseHours(text: string): ParsedHours {
  const written = `"${excerpt(text, 40)}"`;
  const problem = (offset: number, length: number, wrong: string, right: string): ParsedHours => ({
    outcome: 'problem',
    problem: { offset, length, wrong, right },
  });
  const match = /^\s*(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})\s*$/.exec(text);
  if (match === null) {
    const many = text.match(/\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2}/g) ?? [];
    const list = `write a list: [${many.map((one) => `"${one}"`).join(', ')}]`;
    return problem(0, text.length, `${written} is not a stretch of a day`, many.length > 1 ? list : hoursExample);
  }
  const [begin = '', end = ''] = match.slice(1);
  const [fromMinute, toMinute] = [minuteOf(begin), minuteOf(end)];
  const right = 'write hours and minutes, from 00:00 to 24:00';
  if (fromMinute === null) return problem(text.indexOf(begin), begin.length, `${begin} is not a time of day`, right);
  if (toMinute === null) return problem(text.lastIndexOf(end), end.length, `${end} is not a time of day`, right);
  if (fromMinute % minutesOfDay === toMinute % minutesOfDay) {
    const wrong = `${written} ${fromMinute === toMinute ? 'ends when it begins' : 'is the whole day'}`;
    return problem(0, text.length, wrong, hoursExample);
  }
  return { outcome: 'hours', hours: { fromMinute: fromMinute % minutesOfDay, toMinute } };
}

/** Minutes since midnight; 24:00 is the end of a day. */
function minuteOf(time: string): number | null {
  const [hour = Number.NaN, minute = Number.NaN] = time.split(':').map(Number);
  const all = hour * 60 + minute;
  return minute < 60 && all <= minutesOfDay ? all : null;
}

const longNames = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** Parses weekdays: `mon-fri`, `sat,sun`, `fri-mon`. */
export function parseDays(text: string): ParsedDays {
  const problem = (offset: number, length: number, wrong: string, right: string): ParsedDays => ({
    outcome: 'problem',
    problem: { offset, length, wrong, right },
  });
  const named = new Set<Weekday>();
  for (const { 0: part, index } of text.matchAll(/[^\s,]+(?:\s*[-–]\s*[^\s,]+)*/g)) {
    const ends = [...part.matchAll(/[^\s–-]+/g)];
    const days: number[] = [];
    for (const { 0: word, index: at } of ends) {
      const day = dayOf(word);
      if (day === null) {
        const meant = nearest(word, [...weekdays, ...longNames]);
        const right = meant === null ? daysExample : `did you mean ${meant}?`;
        return problem(index + at, word.length, `"${excerpt(word, 40)}" is not a weekday`, right);
      }
      days.push(day);
    }
    const [first, last = first] = days;
    const separators = part.replaceAll(/[^–-]/g, '').length;
    if (first === undefined || last === undefined || separators > 1 || separators !== days.length - 1)
      return problem(index, part.length, `"${excerpt(part, 40)}" is not a range of weekdays`, daysExample);
    for (let day = first; ; day = (day + 1) % 7) {
      named.add(weekdays[day]!);
      if (day === last) break;
    }
  }
  if (named.size === 0) return problem(0, text.length, 'no weekday is named', daysExample);
  return { outcome: 'days', days: weekdays.filter((day) => named.has(day)) };
}

/** Returns the index of a weekday in its week, by the short or the long name. */
function dayOf(word: string): number | null {
  const name = word.toLowerCase();
  const at = Math.max(([...weekdays] as string[]).indexOf(name), longNames.indexOf(name));
  return at < 0 ? null : at;
}

/** Formats `22:00-07:00`. */
export function formatHours({ fromMinute, toMinute }: HoursOfDay): string {
  const time = (minutes: number) =>
    [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return `${time(fromMinute)}-${time(toMinute)}`;
}

/** Formats `mon-fri`, `mon,wed-fri`, as `parseDays` reads it; `mon-sun` for every day. */
export function formatDays(days: readonly Weekday[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const day of days.map((each) => weekdays.indexOf(each)).sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run?.last === day - 1) run.last = day;
    else runs.push({ first: day, last: day });
  }
  // A run over the end of the week is one: fri-mon.
  const [head] = runs;
  const tail = runs.at(-1);
  if (runs.length > 1 && head?.first === 0 && tail?.last === 6) {
    runs.splice(0, 1);
    tail.last = head.last;
  }
  return runs
    .map(({ first, last }) => {
      const separator = (first + 1) % 7 === last ? ',' : '-';
      return first === last ? weekdays[first] : `${weekdays[first]}${separator}${weekdays[last]}`;
    })
    .join(',');
}
