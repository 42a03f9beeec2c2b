import { LineCounter } from 'yaml';

/** Where something is in a text; both from 1, columns in UTF-16 units as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Turns offsets into positions. `offset`: UTF-16 units from the start of the text; past the end counts as the end. */
export interface Lines {
  position(offset: number): Position;
  /** The text of a line, from 1, without its line break. */
  text(line: number): string;
}

/** A line ends with `\n` or `\r\n`, as in YAML; a lone `\r` is part of its line. */
export function createLines(text: string): Lines {
  const counter = new LineCounter();
  counter.addNewLine(0);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) counter.addNewLine(at + 1);
  const { lineStarts } = counter;
  return {
    position(offset) {
      const { line, col } = counter.linePos(Math.max(0, Math.min(offset, text.length)));
      return { line, column: col };
    },
    text: (line) =>
      text.slice(lineStarts[line - 1] ?? text.length, lineStarts[line] ?? text.length).replace(/\r?\n$/, ''),
  };
}
