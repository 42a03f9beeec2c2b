/**
 * A decoded text with, for each of its UTF-16 units, the offset in the file; one more offset for its end.
 * A space or line break that folding put there stands where the line break that it came from stands.
 */
export interface PlacedText {
  readonly text: string;
  readonly offsets: readonly number[];
}

/** Collects characters with their places. */
export interface PlacedTextBuilder {
  /** Text that stands as it is in the file, from `offset` on. */
  copy(text: string, offset: number): void;
  /** Text that stands for something else at `offset`: an escape, a fold. */
  stand(text: string, offset: number): void;
  /** The whole, with the offset of its end. */
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
  /** Without the line break. */
  readonly text: string;
  /** Where `text` begins in the file. */
  readonly offset: number;
  /** Where the line break after it begins. */
  readonly end: number;
}

/** The lines of a scalar's source that begins at `offset` of the file. */
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
