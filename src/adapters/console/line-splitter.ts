import { StringDecoder } from 'node:string_decoder';

/** A longer line is dropped whole, UTF-16 units: no command is (`commands/read-line.ts` takes 4,000). */
const longestLine = 16 * 1024;

/** Splits input that comes in pieces into lines. Keeps only the beginning of a line without an end. */
export interface LineSplitter {
  /** The lines that end in this piece, without their ends. */
  push(bytes: Buffer): readonly string[];
  /** The text after the last line's end; '' for nothing. */
  readonly rest: string;
}

export function createLineSplitter(): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let begun = '';
  let isTooLong = false;
  return {
    push(bytes) {
      const lines: string[] = [];
      const pieces = decoder.write(bytes).split('\n');
      for (const [index, piece] of pieces.entries()) {
        if (!isTooLong) begun += piece;
        if (begun.length > longestLine) {
          isTooLong = true;
          begun = '';
        }
        if (index === pieces.length - 1) break;
        if (!isTooLong) lines.push(begun.replace(/\r$/, ''));
        begun = '';
        isTooLong = false;
      }
      return lines;
    },
    get rest() {
      return begun;
    },
  };
}
