import { type ParsedResult, parse } from 'chrono-node';
import { instantOf, offsetMs } from '../rooms/zone-time.ts';

export type ParsedUntil =
  | {
      readonly outcome: 'until';
      /** Unix milliseconds. */
      readonly until: number;
    }
  | { readonly outcome: 'problem'; readonly wrong: string; readonly right: string };

/** A longer text is no time that anybody writes. */
const longest = 100;
/** Nobody remembers a mute for longer, in milliseconds. */
const mostMs = 365 * 86_400_000;

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
  const until = read(phrase, now, timeZone, isLength);
  if (until === null) return problem(`${said} is no time`);
  if (until <= now) return problem(`${said} is over`);
  if (until > now + mostMs) return problem(`${said} is more than a year ahead`);
  return { outcome: 'until', until };
}

function read(phrase: string, now: number, timeZone: string, isLength: boolean): number | null {
  const timezone = Math.round(offsetMs(now, timeZone) / 60_000);
  const found = parse(phrase, { instant: new Date(now), timezone }, { forwardDate: true });
  const [result] = found;
  if (result === undefined || found.length > 1 || result.end !== null) return null;
  if (result.index !== 0 || result.text.length !== phrase.length) return null;
  const counts = counted.test(phrase);
  if (isLength && !counts) return null;
  const at = counts ? result.start.date().getTime() : onTheWall(result, timeZone);
  return Number.isFinite(at) ? at : null;
}

/** A length of time (`90m`, `an hour`, `1h30m`) is counted from now on, whatever the clocks show. */
const counted =
  /^(?:in\s+)?(?:\d+(?:\.\d+)?|half an?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve)\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|years?)(?![a-z])/i;

function onTheWall({ start }: ParsedResult, timeZone: string): number {
  // `18:00 UTC` says itself whose clocks are meant.
  if (start.isCertain('timezoneOffset') && start.isCertain('hour')) return start.date().getTime();
  const part = (name: 'year' | 'month' | 'day' | 'hour' | 'minute') => start.get(name) ?? 0;
  const day = { year: part('year'), month: part('month'), day: part('day') };
  const time = start.isCertain('hour') ? { hour: part('hour'), minute: part('minute') } : { hour: 0, minute: 0 };
  return instantOf({ ...day, ...time }, timeZone);
}
