import { isCode } from './code.ts';
import { escapeText } from './escape.ts';
import { add, type Link, type Piece } from './runs.ts';

/** Longer, and a client may give up on the link. */
const labelLimit = 500;

/**
 * The pieces of a masked link's text, such that Discord shows it as one; null if it would not.
 *
 * In there a backslash is shown (discord/discord-api-docs#6185): what needs one stands in code instead. Discord does not make a
 * link of one whose text holds an address (#7721), and in content not of one with an emoji (#6810). A bracket may end it.
 */
export function labelOf({ label: pieces, style }: Link, form: 'masked' | 'quiet' | 'none'): readonly Piece[] | null {
  const whole = pieces.map(({ text }) => text).join('');
  if (/[[\]]|:\/|discord(?:app)?\.\w+\//i.test(whole) || whole.length > labelLimit) return null;
  if (form === 'quiet' && /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(whole)) return null;
  const label: Piece[] = [];
  for (const piece of pieces) {
    const needsCode = escapeText(piece.text, { lineStart: true, before: '[' }) !== piece.text;
    add(label, needsCode ? { ...piece, kind: 'code' } : piece);
  }
  return label.every((piece) => piece.kind !== 'code' || isCode(piece.text, piece.style | style)) ? label : null;
}
