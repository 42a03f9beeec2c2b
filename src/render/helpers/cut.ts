import { shown } from '../../text/shown.ts';

let segmenter: Intl.Segmenter | null = null;

/** Limit of one character (as people count them), UTF-16 units. Only piles of marks, which `shown` removes, need more. */
const unitsPerCharacter = 32;

/** Smallest part of the limit that is kept when a text has no white space near it. */
const leastPart = 0.5;

/**
 * Returns text in its shown form, of at most `most` characters as people count them (a family emoji is one): cut after
 * a word, with "…" in place of the rest. Reads no more of a long text than necessary.
 */
export function cutAtWord(text: string, most: number): string {
  if (most < 1) return '';
  const part = shown(beginning(text, most * unitsPerCharacter));
  const isWhole = text.length <= most * unitsPerCharacter;
  if (isWhole && part.length <= most) return part;
  const end = endOfCharacters(part, most);
  if (isWhole && end >= part.length) return part;
  const kept = part.slice(0, endOfCharacters(part, most - 1));
  const lastSpace = Math.max(kept.lastIndexOf(' '), kept.lastIndexOf('\n'));
  const isWordEnd = /^\s/u.test(part.slice(kept.length, kept.length + 1));
  const words = !isWordEnd && lastSpace >= kept.length * leastPart ? kept.slice(0, lastSpace) : kept;
  return `${words.trimEnd()}…`;
}

/** Returns the first `units` UTF-16 units, or one fewer to keep a surrogate pair together. */
export function beginning(text: string, units: number): string {
  if (text.length <= units) return text;
  const last = text.charCodeAt(units - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? units - 1 : units);
}

/** Returns the end of the first `count` characters, in UTF-16 units. */
function endOfCharacters(text: string, count: number): number {
  if (/^[\x20-\x7e]*$/.test(text.slice(0, count + 1))) return Math.min(count, text.length);
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let left = count;
  for (const { index } of segmenter.segment(text)) if (left-- === 0) return index;
  return text.length;
}
