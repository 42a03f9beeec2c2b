import { readWords } from './read-words.ts';
import { parseUntil } from './time-phrase.ts';

/** Length of a mute without a time, ms. */
const DEFAULT_MS = 3_600_000;

export type MuteTime =
  | {
      readonly outcome: 'until';
      /** Unix milliseconds. */
      readonly until: number;
      /** The text in quotes after the time; null: none. */
      readonly reason: string | null;
    }
  | { readonly outcome: 'problem'; readonly wrong: string }
  /** Words that are neither a time nor in quotes. */
  | {
      readonly outcome: 'rest';
      /** The time before them; an empty text: none. */
      readonly time: string;
      readonly rest: string;
    };

/** A text that begins so is meant as a time. */
const beginsAsTime =
  /^(?:for\s|until\s|till\s|in\s+\d|-?\d|(?:today|tonight|tomorrow|noon|midnight|(?:next\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)/i;

/** Reads `for 2h "too noisy"`: a time, a reason in quotes at the end, or both. Nothing else is a reason. */
export function readMuteTime(text: string, now: number, timeZone: string): MuteTime {
  const read = readWords(text);
  if (read.outcome === 'problem') return { outcome: 'problem', wrong: `${read.wrong}: ${read.right}` };
  const last = read.words.at(-1);
  const isQuoted = last?.isQuoted === true;
  if (isQuoted && read.words.length === 1) {
    const time = parseUntil(last.text, now, timeZone);
    if (time.outcome === 'until') return { ...time, reason: null };
  }
  const reason = isQuoted ? last.text.trim() || null : null;
  const written = (isQuoted ? text.slice(0, last.start) : text).trim();
  if (written === '') return { outcome: 'until', until: now + DEFAULT_MS, reason };
  const time = parseUntil(written, now, timeZone);
  if (time.outcome === 'until') return { ...time, reason };
  const words = written.split(/\s+/);
  for (let count = Math.min(words.length - 1, 8); count > 0; count--) {
    const begin = words.slice(0, count).join(' ');
    if (parseUntil(begin, now, timeZone).outcome === 'until')
      return { outcome: 'rest', time: begin, rest: words.slice(count).join(' ') };
  }
  if (beginsAsTime.test(written)) return { outcome: 'problem', wrong: `${time.wrong}: ${time.right}` };
  return { outcome: 'rest', time: '', rest: written };
}
