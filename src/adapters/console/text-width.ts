import { eastAsianWidth } from 'get-east-asian-width';

/**
 * Returns how many columns of a terminal a text takes: 2 for what East Asian typography calls wide and for emoji, 0 for marks,
 * joiners and selectors, else 1. Terminals differ on joined emoji; here they count as if they were not joined, so that a line
 * is rather too short than too long.
 */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  let before = '';
  for (const char of text) {
    width += widthOf(char, before);
    before = char;
  }
  return width;
}

const zero = /^[\p{M}\p{Cf}]$/u;
/** Makes an emoji of a sign: ⚠️, 1️⃣ (https://www.unicode.org/reports/tr51/#def_emoji_presentation_sequence). */
const emojiSelector = '\ufe0f';
const sign = /^\p{Emoji}$/u;

/** The columns that a text grows by with `char` behind the character `before`. */
function widthOf(char: string, before: string): number {
  if (char <= '~') return 1;
  if (char === emojiSelector && sign.test(before)) return 2 - widthOf(before, '');
  return zero.test(char) ? 0 : eastAsianWidth(char.codePointAt(0)!);
}

/** A code point with the marks, joiners and selectors behind it. */
const characters = /.[\p{M}\p{Cf}]*/gsu;

/** Cuts the text into pieces of at most `width` columns; a character and its marks stay together. */
export function chop(text: string, width: number): readonly string[] {
  if (text.length <= width && textWidth(text) <= width) return [text];
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const [character] of text.matchAll(characters)) {
    const more = textWidth(character);
    if (used + more > width && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += more;
  }
  return piece === '' ? pieces : [...pieces, piece];
}
