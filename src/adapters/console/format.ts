import { styleText } from 'node:util';
import type { Message } from '../../render/message.ts';
import { sayWith, speak } from '../../render/speak.ts';
import { shownLine } from '../../text/shown.ts';
import { type BarStyle, barStyle } from './bar-style.ts';
import { type Row, rowsOf, shows } from './rows.ts';
import { address, type Span, type Style, span } from './spans.ts';
import { textWidth } from './text-width.ts';
import { wrap } from './wrap.ts';

/** Commands that a person types begin with it. */
export const commandSign = '/';

/** More lines than this push what came before off the screen. */
const mostLines = 40;

/** However narrow the terminal is, words need some room. */
const leastWidth = 20;

const bar = '▌ ';

/** The line above what is shown of a room. */
export function roomHeader(room: string): string {
  return `${styleText('bold', shownLine(room), { validateStream: false })}\n`;
}

/**
 * A message as coloured lines of at most `width` columns, each with a line break at its end. Only an address may be longer. `sign`:
 * what the commands that it names begin with.
 */
export function format(given: Message, width: number, sign: string = commandSign): string {
  const message = speak(given, sayWith(sign));
  // One column stays free, for the "…" of a text that is cut.
  const room = Math.max(leastWidth, width - bar.length - 1);
  const rows = rowsOf(message);
  const lines = rows.flatMap((row) => layOut(row, room));
  const style = barStyle(message.color);
  return cut(lines, rows, message.link)
    .map((line) => `${paint(bar, [style])}${line.map((part) => paint(part.text, part.styles)).join('')}\n`)
    .join('');
}

/** Colour whether or not this process's own output is a terminal: who writes it takes it out where it is not wanted. */
function paint(text: string, styles: readonly (Style | BarStyle)[]): string {
  return styles.length === 0 ? text : styleText([...styles], text, { validateStream: false });
}

function layOut({ first, rest, spans }: Row, width: number): readonly (readonly Span[])[] {
  const used = first.reduce((sum, { text }) => sum + textWidth(text), 0);
  const lines = wrap(spans, Math.max(leastWidth / 2, width - used));
  return (lines.length === 0 ? [[]] : lines).map((line, index) => [...(index === 0 ? first : rest), ...line]);
}

/** The lines that are not too many, with "…" and the link to metasmoke where it was cut off. */
function cut(
  lines: readonly (readonly Span[])[],
  rows: readonly Row[],
  link: string | null,
): readonly (readonly Span[])[] {
  if (lines.length <= mostLines) return lines;
  const last = lines[mostLines - 1] ?? [];
  const end = last.at(-1);
  const ellipsis = end?.isSolid ? span(' …') : span('…', end?.styles);
  const kept = [...lines.slice(0, mostLines - 1), [...last, ellipsis]];
  const keptRow: Row = { first: [], rest: [], spans: kept.flat() };
  return link === null || !shows(rows, link) || shows([keptRow], link) ? kept : [...kept, [address(link)]];
}
