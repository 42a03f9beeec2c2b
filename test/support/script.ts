import type { OddAnswer } from './odd-answer.ts';

/** Which requests are answered oddly, by their `METHOD /path`. */
export interface Script {
  /** The next one that matches; several are used one after the other. */
  next(match: RegExp, answer: OddAnswer): void;
  /** What `next` was told and no request came for is forgotten. */
  forgetNext(): void;
  /** Each one until the returned function is called. */
  always(match: RegExp, answer: OddAnswer): () => void;
  /** How this one is to be answered; undefined: as always. */
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
