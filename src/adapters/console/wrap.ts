import type { Span } from './spans.ts';
import { chop, textWidth } from './text-width.ts';

/** A piece that stays together: no line is broken inside it, if it fits on one. */
interface Word {
  /** The blanks before it, which go where a line is broken. */
  readonly gap: Span | null;
  readonly pieces: Span[];
}

/** An address that is written as text or code, such as in an answer: broken, it could not be copied. */
const isAddress = /^\W?https?:\/\/\S+$/;

/** The spans as lines of at most `width` columns, broken between words; an address may be longer. */
export function wrap(spans: readonly Span[], width: number): readonly (readonly Span[])[] {
  const lines: Span[][] = [];
  let line: Span[] = [];
  let used = 0;
  const newLine = () => {
    lines.push(line);
    line = [];
    used = 0;
  };
  const put = (span: Span) => {
    const last = line.at(-1);
    if (last !== undefined && last.styles === span.styles && last.isSolid === span.isSolid) {
      line[line.length - 1] = { ...last, text: last.text + span.text };
    } else line.push(span);
    used += textWidth(span.text);
  };

  for (const { gap, pieces } of wordsOf(spans)) {
    const gapWidth = gap === null ? 0 : textWidth(gap.text);
    const wordWidth = pieces.reduce((sum, piece) => sum + textWidth(piece.text), 0);
    if (used > 0 && used + gapWidth + wordWidth > width) newLine();
    else if (gap !== null && used + gapWidth <= width) put(gap);
    for (const piece of pieces) {
      const isSolid = piece.isSolid || isAddress.test(piece.text);
      if (isSolid || used + textWidth(piece.text) <= width) {
        if (used > 0 && used + textWidth(piece.text) > width) newLine();
        put(piece);
        continue;
      }
      for (const part of chop(piece.text, width)) {
        if (used > 0 && used + textWidth(part) > width) newLine();
        put({ ...piece, text: part });
      }
    }
  }
  if (line.length > 0) lines.push(line);
  return lines;
}

function wordsOf(spans: readonly Span[]): readonly Word[] {
  const words: Word[] = [];
  let gap = null as Span | null;
  let isOpen = false;
  for (const span of spans) {
    for (const text of span.isSolid ? [span.text] : span.text.split(/( +)/)) {
      if (text === '') continue;
      const piece = { ...span, text };
      if (!span.isSolid && text.startsWith(' ')) {
        gap = gap === null ? piece : { ...gap, text: gap.text + text };
        isOpen = false;
      } else if (isOpen) {
        words.at(-1)!.pieces.push(piece);
      } else {
        words.push({ gap, pieces: [piece] });
        gap = null;
        isOpen = true;
      }
    }
  }
  return words;
}
