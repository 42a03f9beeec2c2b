import { asText } from '../escape.ts';
import type { Helper, Helpers, Scope } from './helper.ts';
import { asNumber } from './numbers.ts';

/** The last instant that a JavaScript date can hold. */
const lastInstant = 8.64e15;

/** Numbers from here on are milliseconds, below they are seconds: as seconds it would be the year 5138. */
const firstMilliseconds = 1e11;

/** Unix milliseconds of an ISO time (`2025-07-06T15:09:00.000Z`), or of a Unix time in seconds or milliseconds; else null. */
function instant(value: unknown): number | null {
  const number = asNumber(value);
  if (number !== null) {
    const ms = Math.abs(number) < firstMilliseconds ? number * 1000 : number;
    return Math.abs(ms) <= lastInstant ? ms : null;
  }
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d/.test(value)) return null;
  const text = value.replace(' UTC', 'Z').replace(' ', 'T');
  // Without a zone it is UTC, as everything that metasmoke sends; JavaScript would take the machine's zone.
  const ms = Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(ms) ? null : ms;
}

/** `45 s`, `3 min`, `2 h`, `4 days`: the largest unit alone, rounded down. */
function duration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day' : `${days} days`;
}

/** What is told more than five minutes after it happened came late, and says when it was. */
const lateMs = 300_000;

/** From so many days on the date says more than how long ago it was. */
const longAgoDays = 30;

/** Less than this, in seconds, is now: clocks differ, and events take a moment. */
const nowSeconds = 5;

function ago(ms: number, scope: Scope): string {
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
      // Sweden writes dates as ISO 8601 does.
      format = new Intl.DateTimeFormat('sv-SE', { ...forms[form], timeZone });
    } catch {
      // A zone that this machine does not know; the configuration has warned of it.
      format = new Intl.DateTimeFormat('sv-SE', { ...forms[form], timeZone: 'UTC' });
    }
    formats.set(name, format);
  }
  return format;
}

function formatDate(ms: number, form: Form, timeZone: string): string {
  return formatFor(form, timeZone).format(ms);
}

/** A helper of one time; nothing for null, and what is no time as it is. */
function ofTime(run: (ms: number, rest: readonly unknown[], scope: Scope) => unknown): Helper['run'] {
  return ([value, ...rest], scope) => {
    const ms = instant(value);
    return ms === null ? value : run(ms, rest, scope);
  };
}

export const timeHelpers: Helpers = {
  /** `3 min ago`, `in 2 h`, `just now`; from 30 days on the date. */
  ago: {
    usage: 'ago <time>',
    least: 1,
    most: 1,
    run: ofTime((ms, _, scope) => ago(ms, scope)),
  },
  /** `2025-07-06 17:09` in the room's time zone; `day` and `time` give a part of it, `zone` adds the zone. */
  date: {
    usage: 'date <time> ["day" | "time" | "zone"]',
    least: 1,
    most: 2,
    run: ofTime((ms, [form], scope) => {
      const name = asText(form);
      return formatDate(ms, Object.hasOwn(forms, name) ? (name as Form) : 'minute', scope.timeZone);
    }),
  },
  /** `2025-07-06 17:09 (12 min ago)` for what happened more than 5 minutes ago, else nothing. */
  late: {
    usage: 'late <time>',
    least: 1,
    most: 1,
    run: ([value], scope) => {
      const ms = instant(value);
      if (ms === null || scope.now - ms <= lateMs) return '';
      return `${formatDate(ms, 'minute', scope.timeZone)} (${ago(ms, scope)})`;
    },
  },
  /** How many seconds ago a time was, to compare with; null for what is no time. */
  seconds_since: {
    usage: 'seconds_since <time>',
    least: 1,
    most: 1,
    run: ([value], scope) => {
      const ms = instant(value);
      return ms === null ? null : (scope.now - ms) / 1000;
    },
  },
  /** A number of seconds as `45 s`, `3 min`, `2 h`, `4 days`; what is no number stays as it is. */
  duration: {
    usage: 'duration <seconds>',
    least: 1,
    most: 1,
    run: ([value]) => {
      const seconds = asNumber(value);
      return seconds === null ? value : duration(Math.abs(seconds));
    },
  },
};
