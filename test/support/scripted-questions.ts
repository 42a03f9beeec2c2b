import { Readable } from 'node:stream';
import type { Questions } from '../../src/adapters/setup.ts';
import { createQuestions } from '../../src/command-line/questions.ts';

/** The questions of a command whose answers are on standard input, one a line. */
export function answering(...lines: readonly string[]): Questions {
  const terminal = { err: () => {}, styled: () => {} };
  return createQuestions({
    input: Readable.from([lines.map((line) => `${line}\n`).join('')]),
    terminal,
    isPerson: false,
  });
}
