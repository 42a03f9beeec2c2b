/** A word of a line, as in a shell. */
export interface Word {
  /** Without its quotes. */
  readonly text: string;
  /** Where it begins and ends in the line, quotes included, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
}

export type ReadWords =
  | { readonly outcome: 'ok'; readonly words: readonly Word[] }
  | { readonly outcome: 'problem'; readonly offset: number; readonly wrong: string; readonly right: string };

/** The quotes that phones write. */
const closing: Readonly<Record<string, string>> = {
  ...{ "'": "'", '"': '"' },
  ...{ '“': '”', '”': '”', '‘': '’', '„': '“', '‚': '‘', '«': '»' },
};

/** The marks before the name of an option: two hyphens, or the one dash that phones make of them. */
const optionMark = /^(?:[-‐‑‒–—―−]{2,}|[‒–—―])(?=\p{L})/u;

/** Returns what stands behind the mark of an option, in lower case; null if the word has no such mark. */
export function behindMark(word: string): string | null {
  return optionMark.test(word) ? word.replace(optionMark, '').toLowerCase() : null;
}

/**
 * Splits a line into words as a shell does: blanks part them, a word in quotes is one, a backslash takes the next character
 * as it is (in single quotes it is one itself). A quote in the middle of a word is a letter: people write "don't".
 */
export function readWords(line: string): ReadWords {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at]!)) {
      at++;
      continue;
    }
    const start = at;
    const close = closing[line[at]!];
    let text = '';
    if (close !== undefined) at++;
    for (; at < line.length && (close === undefined ? !/\s/.test(line[at]!) : line[at] !== close); at++) {
      // `--name=value` is two words, as `--name value`.
      if (close === undefined && line[at] === '=' && /^[a-z][\w-]*$/.test(behindMark(text) ?? '')) break;
      if (line[at] === '\\' && close !== "'" && at + 1 < line.length) at++;
      text += line[at];
    }
    if (close !== undefined) {
      if (at >= line.length)
        return {
          outcome: 'problem',
          offset: start,
          wrong: `the quote ${line[start]} is not closed`,
          right: `write ${close} where it ends`,
        };
      at++;
    }
    words.push({ text, start, end: at, isQuoted: close !== undefined });
    if (line[at] === '=') at++;
  }
  return { outcome: 'ok', words };
}
