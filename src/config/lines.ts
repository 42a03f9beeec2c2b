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
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return {
    position(offset) {
      const clamped = Math.max(0, Math.min(offset, text.length));
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= clamped) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: clamped - starts[low]! + 1 };
    },
    text: (line) => text.slice(starts[line - 1] ?? text.length, starts[line] ?? text.length).replace(/\r?\n$/, ''),
  };
}
