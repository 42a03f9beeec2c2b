import { shown } from '../../text/shown.ts';

let segmenter: Intl.Segmenter | null = null;

/** No character as people count them needs more UTF-16 units than this, but for piles of marks that `shown` takes down. */
const unitsPerCharacter = 32;

/** Of a text without white space near its limit at least so much stays. */
const leastPart = 0.5;

/**
 * Text in its shown form, of at most `most` characters as people count them (a family emoji is one): cut after a word,
 * with "…" for what is left out. Looks at no more of a long text than it needs.
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

/** The first `units` UTF-16 units, fewer where a pair would be parted. */
export function beginning(text: string, units: number): string {
  if (text.length <= units) return text;
  const last = text.charCodeAt(units - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? units - 1 : units);
}

/** Where the first `count` characters end, in UTF-16 units. */
function endOfCharacters(text: string, count: number): number {
  if (/^[\x20-\x7e]*$/.test(text.slice(0, count + 1))) return Math.min(count, text.length);
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let left = count;
  for (const { index } of segmenter.segment(text)) if (left-- === 0) return index;
  return text.length;
}
