import type { OddAnswer } from './odd-answer.ts';

/** The requests that get an odd answer, by their `METHOD /path`. */
export interface Script {
  /** Sets the answer to the next one that matches; several are used one after the other. */
  next(match: RegExp, answer: OddAnswer): void;
  /** Removes the answers of `next` that were not used. */
  forgetNext(): void;
  /** Sets the answer to each one until the returned function is called. */
  always(match: RegExp, answer: OddAnswer): () => void;
  /** Returns the answer to this request; undefined: the usual one. */
  take(line: string): OddAnswer | undefined;
}

export function createScript(): Script {
  const entries = new Set<{ readonly match: RegExp; readonly answer: OddAnswer; readonly once: boolean }>();
  return {
    next: (match, answer) => void entries.add({ match, answer, once: true }),
    forgetNext() {
      for (const entry of entries) if (entry.once) entries.delete(entry);
    },
    always(match, answer) {
      const entry = { match, answer, once: false };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    take(line) {
      const found = [...entries].find(({ match }) => match.test(line));
      if (found?.once) entries.delete(found);
      return found?.answer;
    },
  };
}
