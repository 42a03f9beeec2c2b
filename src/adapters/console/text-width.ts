/**
 * How many columns of a terminal a text takes: 2 for what East Asian typography calls wide and for emoji, 0 for marks,
 * joiners and selectors, else 1. Terminals differ on joined emoji; here they count as if they were not joined, so that a line
 * is rather too short than too long.
 */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

const zero = /^[\p{M}\p{Cf}]$/u;
const wide =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u;

function charWidth(char: string): number {
  if (char <= '~') return 1;
  if (zero.test(char)) return 0;
  return wide.test(char) ? 2 : 1;
}

/** The text in pieces of at most `width` columns; a character and its marks stay together. */
export function chop(text: string, width: number): readonly string[] {
  if (text.length <= width && textWidth(text) <= width) return [text];
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const char of text) {
    const more = charWidth(char);
    if (used + more > width && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += char;
    used += more;
  }
  return piece === '' ? pieces : [...pieces, piece];
}
