import { asText } from '../escape.ts';
import type { Helper, Helpers, Scope } from './helper.ts';
import { asNumber } from './numbers.ts';

/** The last instant of a JavaScript date, Unix milliseconds. */
const lastInstant = 8.64e15;

/** Smallest number that is read as milliseconds; smaller ones are seconds. As seconds it would be the year 5138. */
const firstMilliseconds = 1e11;

/**
 * Returns Unix milliseconds of an ISO time (`2025-07-06T15:09:00.000Z`), or of a Unix time in seconds or milliseconds;
 * otherwise null.
 */
function instant(value: unknown): number | null {
  const number = asNumber(value);
  if (number !== null) {
    const ms = Math.abs(number) < firstMilliseconds ? number * 1000 : number;
    return Math.abs(ms) <= lastInstant ? ms : null;
  }
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d/.test(value)) return null;
  const text = value.replace(' UTC', 'Z').replace(' ', 'T');
  // Without a zone it is UTC, as everything from metasmoke; JavaScript would use the machine's zone.
  const ms = Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(ms) ? null : ms;
}

/** Formats `45 s`, `3 min`, `2 h`, `4 days`: only the largest unit, rounded down. */
function duration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day' : `${days} days`;
}

/** Age from which an event counts as late and shows its own time, ms. */
const lateMs = 300_000;

/** Age from which a time is shown as a date, days. */
const longAgoDays = 30;

/** Difference below which a time is shown as now, seconds: clocks differ, and events take a moment. */
const nowSeconds = 5;

function ago(ms: number, scope: Scope): string {
  if (scope.now === null) return new Date(ms).toISOString();
  const seconds = (scope.now - ms) / 1000;
  if (Math.abs(seconds) < nowSeconds) return 'just now';
  if (Math.abs(seconds) >= longAgoDays * 86_400) return formatDate(ms, 'day', scope.timeZone);
  return seconds < 0 ? `in ${duration(-seconds)}` : `${duration(seconds)} ago`;
}

const forms = {
  minute: { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  day: { year: 'numeric', month: '2-digit', day: '2-digit' },
  time: { hour: '2-digit', minute: '2-digit' },
  zone: {
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
    timeZoneName: 'short',
  },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;
type Form = keyof typeof forms;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(form: Form, timeZone: string): Intl.DateTimeFormat {
  const name = `${form} ${timeZone}`;
  let format = formats.get(name);
  if (format === undefined) {
    try {
      // The Swedish locale writes dates as ISO 8601 does.
      format = new Intl.DateTimeFormat('sv-SE', { ...forms[form], timeZone });
    } catch {
      // This machine does not know the zone. The configuration has warned about it.
      format = new Intl.DateTimeFormat('sv-SE', { ...forms[form], timeZone: 'UTC' });
    }
    formats.set(name, format);
  }
  return format;
}

function formatDate(ms: number, form: Form, timeZone: string): string {
  return formatFor(form, timeZone).format(ms);
}

/** Creates a helper of one time: nothing for null, and anything that is not a time unchanged. */
function ofTime(run: (ms: number, rest: readonly unknown[], scope: Scope) => unknown): Helper['run'] {
  return ([value, ...rest], scope) => {
    const ms = instant(value);
    return ms === null ? value : run(ms, rest, scope);
  };
}

export const timeHelpers: Helpers = {
  ago: {
    usage: 'ago <time>',
    gives: 'how long ago a time was, or `in 2 h`, or `just now`; the date from 30 days on',
    example: 'ago object.post_creation_date',
    least: 1,
    most: 1,
    run: ofTime((ms, _, scope) => ago(ms, scope)),
  },
  date: {
    usage: 'date <time> ["day" | "time" | "zone"]',
    gives: "a time in the room's time zone; `day` and `time` give a part of it, `zone` adds the zone",
    defaults: { form: 'date and time' },
    example: 'date object.created_at "zone"',
    least: 1,
    most: 2,
    run: ofTime((ms, [form], scope) => {
      const name = asText(form);
      return formatDate(ms, Object.hasOwn(forms, name) ? (name as Form) : 'minute', scope.timeZone);
    }),
  },
  late: {
    usage: 'late <time>',
    gives: 'the time, and how long ago it was, if that is more than 5 minutes; else empty',
    example: 'late "2026-01-02T02:00:00Z"',
    least: 1,
    most: 1,
    run: ([value], scope) => {
      const ms = instant(value);
      if (ms === null || scope.now === null || scope.now - ms <= lateMs) return '';
      return `${formatDate(ms, 'minute', scope.timeZone)} (${ago(ms, scope)})`;
    },
  },
  seconds_since: {
    usage: 'seconds_since <time>',
    gives: 'how many seconds ago a time was, for comparisons; null if it is not a time',
    example: 'seconds_since object.post_creation_date',
    least: 1,
    most: 1,
    run: ([value], scope) => {
      const ms = instant(value);
      return ms === null ? null : ((scope.now ?? 0) - ms) / 1000;
    },
  },
  duration: {
    usage: 'duration <seconds>',
    gives: 'a number of seconds in its largest unit; anything else unchanged',
    example: 'duration 7300',
    least: 1,
    most: 1,
    run: ([value]) => {
      const seconds = asNumber(value);
      return seconds === null ? value : duration(Math.abs(seconds));
    },
  },
};
