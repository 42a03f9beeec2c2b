import { parseUntil } from './time-phrase.ts';

/** Length of a mute without a time, ms. */
const DEFAULT_MS = 3_600_000;

export type MuteTime =
  | {
      readonly outcome: 'until';
      /** Unix milliseconds. */
      readonly until: number;
      /** The text after the time, which is the reason; null: none. */
      readonly rest: string | null;
    }
  | { readonly outcome: 'problem'; readonly wrong: string };

/** Anything else is a reason. */
const beginsAsTime =
  /^(?:for\s|until\s|till\s|in\s+\d|-?\d|(?:today|tonight|tomorrow|noon|midnight|(?:next\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)/i;
/** Not a reason for a mute, but a time that was not understood. */
const belongsToTime = /^(?:\d|until\b|till\b|for\s+\d|ago\b)/i;

/** Reads `for 2h too noisy`: the longest beginning that is a time is the time, and the rest is the reason. */
export function readMuteTime(text: string, now: number, timeZone: string): MuteTime {
  const byDefault = { outcome: 'until', until: now + DEFAULT_MS } as const;
  const problem = (wrong: string) => ({ outcome: 'problem', wrong }) as const;
  if (text === '') return { ...byDefault, rest: null };
  const words = text.split(/\s+/);
  if (!beginsAsTime.test(text)) return { ...byDefault, rest: text };
  let wrong: string | null = null;
  for (let count = Math.min(words.length, 8); count > 0; count--) {
    const read = parseUntil(words.slice(0, count).join(' '), now, timeZone);
    const rest = words.slice(count).join(' ');
    if (read.outcome === 'until' && belongsToTime.test(rest))
      return problem(`"${text}" is not a time: ${rest} is too much`);
    if (read.outcome === 'until') return { ...read, rest: rest || null };
    wrong ??= `${read.wrong}: ${read.right}`;
  }
  return problem(wrong ?? `"${text}" is not a time`);
}
