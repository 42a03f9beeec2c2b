/**
 * A decoded text with the offset in the file for each of its UTF-16 units, and one more for its end. A space or line
 * break made by folding has the offset of its line break in the file.
 */
export interface PlacedText {
  readonly text: string;
  readonly offsets: readonly number[];
}

/** Collects characters with their places. */
export interface PlacedTextBuilder {
  /** Adds text that is in the file unchanged, from `offset` on. */
  copy(text: string, offset: number): void;
  /** Adds text that replaces something at `offset`: an escape, a fold. */
  stand(text: string, offset: number): void;
  /** Returns the complete text, with the offset of its end. */
  end(offset: number): PlacedText;
}

export function createPlacedText(): PlacedTextBuilder {
  const parts: string[] = [];
  const offsets: number[] = [];
  return {
    copy(text, offset) {
      parts.push(text);
      for (let i = 0; i < text.length; i++) offsets.push(offset + i);
    },
    stand(text, offset) {
      parts.push(text);
      for (let i = 0; i < text.length; i++) offsets.push(offset);
    },
    end(offset) {
      offsets.push(offset);
      return { text: parts.join(''), offsets };
    },
  };
}

export interface Line {
  /** The line without its line break. */
  readonly text: string;
  /** Offset of `text` in the file. */
  readonly offset: number;
  /** Offset of the line break after it. */
  readonly end: number;
}

/** Splits a scalar's source into lines; it begins at `offset` of the file. */
export function splitLines(source: string, offset: number): readonly Line[] {
  const lines: Line[] = [];
  let at = 0;
  for (const raw of source.split('\n')) {
    const isLast = at + raw.length === source.length;
    const text = !isLast && raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    lines.push({ text, offset: offset + at, end: offset + at + text.length });
    at += raw.length + 1;
  }
  return lines;
}
