import { type ParsedResult, parse } from 'chrono-node';
import ms from 'ms';
import { instantOf, offsetMs } from '../time/zone-time.ts';

export type ParsedUntil =
  | {
      readonly outcome: 'until';
      /** Unix milliseconds. */
      readonly until: number;
    }
  | { readonly outcome: 'problem'; readonly wrong: string; readonly right: string };

/** A longer text is not a time that anybody writes. */
const longest = 100;
/** The longest mute, in milliseconds: people forget a longer one. */
const dayMs = 86_400_000;
const mostMs = 365 * dayMs;

const right = 'write for 90m, for 2 days, until 18:00 or until tomorrow 9am';

/**
 * Reads until when something is to last: a length of time (`for 90m`, `1h30m`, `for 2 days`), or a time on the clocks of
 * `timeZone` (`until 18:00`, `until tomorrow 9am`, `until monday`; a date alone is the beginning of that day). Pure and total:
 * what is not understood to its last word, is over, or lies more than a year ahead is a problem.
 */
export function parseUntil(text: string, now: number, timeZone: string): ParsedUntil {
  const problem = (wrong: string): ParsedUntil => ({ outcome: 'problem', wrong, right });
  const written = text.trim();
  if (written.length > longest) return problem('that is too long for a time');
  const phrase = written.replace(/^(?:for|until|till)\s+/i, '');
  if (phrase === '') return problem('a time is missing');
  const said = `"${written}"`;
  const isLength = /^for\s/i.test(written);
  const length = readLength(phrase);
  if (isLength && length === null) return problem(`${said} is not a time`);
  if (length !== null && !isLength && phrase !== written) return problem(`${said} mixes a length and a time`);
  const until = length === null ? readClock(phrase, now, timeZone) : now + length;
  if (until === null) return problem(`${said} is not a time`);
  if (until <= now) return problem(`${said} is over`);
  if (until > now + mostMs) return problem(`${said} is more than a year ahead`);
  return { outcome: 'until', until };
}

const numbers: Readonly<Record<string, number>> = {
  'half a': 0.5,
  'half an': 0.5,
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
};
const piece =
  /(\d{1,6}(?:\.\d{1,3})?(?=\s*[a-z])|(?:half an?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve)(?=\s))\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|years?)(?![a-z])/i;
const length = new RegExp(`^(?:in\\s+)?${piece.source}(?:\\s*(?:,|and)?\\s*${piece.source})*$`, 'i');

/** A length of time (`90m`, `an hour`, `1h30m`) in milliseconds, counted whatever the clocks show; null for anything else. */
function readLength(phrase: string): number | null {
  if (!length.test(phrase)) return null;
  let sum = 0;
  for (const [, count = '', unit = ''] of phrase.matchAll(new RegExp(piece.source, 'gi'))) {
    const number = numbers[count.toLowerCase()] ?? Number(count);
    sum += /^month/i.test(unit) ? number * 30 * dayMs : ms(`${number} ${unit}` as ms.StringValue);
  }
  return Number.isFinite(sum) ? Math.round(sum) : null;
}

/** A time on the clocks of a zone; null if it is not one. */
function readClock(written: string, now: number, timeZone: string): number | null {
  // "last monday" is behind us, whatever is made of it.
  if (/\blast\b/i.test(written)) return null;
  const phrase = /^24:00$/.test(written) ? 'tomorrow' : written;
  const timezone = Math.round(offsetMs(now, timeZone) / 60_000);
  const found = parse(phrase, { instant: new Date(now), timezone }, { forwardDate: true });
  const [result] = found;
  if (result === undefined || found.length > 1 || result.end !== null) return null;
  if (result.index !== 0 || result.text.length !== phrase.length) return null;
  const at = onTheWall(result, timeZone);
  if (!Number.isFinite(at)) return null;
  // A day of the week that is today: the next one.
  return at <= now && result.start.isCertain('weekday') ? onTheWall(result, timeZone, 7) : at;
}

/** Parts of a day that chrono gives an hour to, without calling it certain. */
const partOfDay = /\b(?:morning|afternoon|evening|night|tonight|noon|midnight)\b/i;

function onTheWall({ start, text }: ParsedResult, timeZone: string, moreDays = 0): number {
  const part = (name: 'year' | 'month' | 'day' | 'hour' | 'minute') => start.get(name) ?? 0;
  const day = { year: part('year'), month: part('month'), day: part('day') + moreDays };
  const hasTime = start.isCertain('hour') || partOfDay.test(text);
  const time = hasTime ? { hour: part('hour'), minute: part('minute') } : { hour: 0, minute: 0 };
  // `18:00 UTC` says itself whose clocks are meant.
  const offset = start.isCertain('timezoneOffset') && start.isCertain('hour') ? start.get('timezoneOffset') : null;
  if (offset === null) return instantOf({ ...day, ...time }, timeZone);
  return Date.UTC(day.year, day.month - 1, day.day, time.hour, time.minute) - offset * 60_000;
}
