import { TextDecoder } from 'node:util';
import { InputError } from './input-error.ts';

/** A line of a text, from 1. */
export interface TextLine {
  readonly number: number;
  readonly text: string;
}

/** Longest line, UTF-16 units. A frame of the source is not longer. */
const longest = 64 * 1024 * 1024;

/**
 * Yields the lines of a UTF-8 text that are not blank. Only `\n` ends a line: JSON may contain any other line break.
 * Throws an `InputError` if it is not UTF-8, or no text at all.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 1;
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoded(decoder, chunk, number)).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      if (text.trim() !== '') yield { number, text };
      number++;
    }
    if (rest.length > longest) throw new InputError(number, 'is too long', 'write one event in a line');
  }
  rest += decoded(decoder, null, number);
  if (rest.trim() !== '') yield { number, text: rest };
}

function decoded(decoder: TextDecoder, chunk: Uint8Array | null, line: number): string {
  try {
    return chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new InputError(line, 'is not UTF-8, or there is another one behind it that is not', 'save the file as UTF-8');
  }
}
