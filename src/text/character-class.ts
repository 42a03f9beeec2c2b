/**
 * The appearance of a code point to a reader, as needed for the promise "hostile text stays text".
 *
 * - `plain`: shown unchanged.
 * - `mark`: a combining mark, which is drawn on the base before it.
 * - `lineBreak`: a mandatory break of https://www.unicode.org/reports/tr14/ (except form feed and vertical tab).
 * - `joiner`: U+200C and U+200D, which emoji and many scripts need.
 * - `emojiSelector`, `ideographSelector`, `mongolianSelector`: variation selectors, which choose the look of the base
 *   before them.
 * - `tag`: U+E0020…U+E007F, which spell the flags of regions.
 * - `hidden`: everything that a reader would not see, or that would move or restyle the text around it.
 */
export const characterClasses = [
  'plain',
  'mark',
  'lineBreak',
  'joiner',
  'emojiSelector',
  'ideographSelector',
  'mongolianSelector',
  'tag',
  'hidden',
] as const;
export type CharacterClass = (typeof characterClasses)[number];

const lineBreak = /[\n\r\u0085\u2028\u2029]/;
const joiner = /[\u200c\u200d]/;
const emojiSelector = /[\ufe0e\ufe0f]/;
const ideographSelector = /[\ufe00-\ufe02\u{e0100}-\u{e01ef}]/u;
const mongolianSelector = /[\u180b-\u180f]/;
const tag = /[\u{e0020}-\u{e007f}]/u;

/** Format characters that are drawn: the prepended signs of Arabic, Syriac and Kaithi (Prepended_Concatenation_Mark). */
const drawnFormat = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;

/**
 * Letters, signs and spaces without ink that have no common Unicode property: blank Braille, a musical null notehead,
 * the Khitan filler, the object replacement character, and typographic spaces (their widths differ from a word space;
 * U+00A0, U+202F and U+3000 stay, because French and Japanese use them).
 */
const blank = /[\u2800\ufffc\u1680\u2000-\u200a\u205f\u{1d159}\u{16fe4}]/u;

/** Control, format, surrogate and private use, default ignorable code points (including fillers), and noncharacters. */
const notDrawn = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
const mark = /\p{M}/u;

function classify(char: string): CharacterClass {
  if (lineBreak.test(char)) return 'lineBreak';
  if (joiner.test(char)) return 'joiner';
  if (emojiSelector.test(char)) return 'emojiSelector';
  if (ideographSelector.test(char)) return 'ideographSelector';
  if (mongolianSelector.test(char)) return 'mongolianSelector';
  if (tag.test(char)) return 'tag';
  if (blank.test(char)) return 'hidden';
  if (notDrawn.test(char) && !drawnFormat.test(char)) return 'hidden';
  return mark.test(char) ? 'mark' : 'plain';
}

/**
 * One byte per code point, 0 if it was not requested yet. Hostile text requests very many, and 1.1 MB is all that they
 * take.
 */
let known: Uint8Array | null = null;

/** Returns the class of a code point; a lone surrogate is `hidden`. */
export function characterClass(codePoint: number): CharacterClass {
  known ??= new Uint8Array(0x11_0000);
  const seen = known[codePoint]!;
  if (seen > 0) return characterClasses[seen - 1]!;
  const found = classify(String.fromCodePoint(codePoint));
  known[codePoint] = characterClasses.indexOf(found) + 1;
  return found;
}
