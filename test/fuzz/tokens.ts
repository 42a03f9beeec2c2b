/**
 * Harmless words in place of the hostile texts of an event or a message. Their reading shows the place and the
 * formatting of each text; with the texts put back in, it is the expected reading.
 */
export interface Tokens {
  /** Returns a word that represents a text from now on. */
  standFor(text: string): string;
  /** Splits a text into these words and the parts between them. */
  split(text: string): readonly ({ readonly literal: string } | { readonly word: string; readonly value: string })[];
  /** Returns the text with the represented texts in place of the words. */
  skipSubject(text: string): string;
}

/** Only letters: they have no meaning to a parser, helper or link finder. */
const word = /Zq([a-p]+)xZ/g;

/** Creates the tokens. `alike`: equal texts get the same word; `apart`: each gets its own. */
export function createTokens(kind: 'alike' | 'apart' = 'apart'): Tokens {
  const values: string[] = [];
  const textFor = (letters: string) => {
    const digits = [...letters].map((letter) => letter.charCodeAt(0) - 97);
    return values[digits.reduce((number, digit) => number * 16 + digit, 0)];
  };

  return {
    standFor(text) {
      const known = kind === 'alike' ? values.indexOf(text) : -1;
      if (known < 0) values.push(text);
      const letters = (known < 0 ? values.length - 1 : known).toString(16).replace(/./g, (digit) => {
        return String.fromCharCode(97 + Number.parseInt(digit, 16));
      });
      return `Zq${letters}xZ`;
    },
    split(text) {
      const parts: ({ literal: string } | { word: string; value: string })[] = [];
      let end = 0;
      for (const match of text.matchAll(word)) {
        const value = textFor(match[1]!);
        if (value === undefined) continue;
        parts.push({ literal: text.slice(end, match.index) }, { word: match[0], value });
        end = match.index + match[0].length;
      }
      return [...parts, { literal: text.slice(end) }];
    },
    skipSubject: (text) => text.replace(word, (all, letters: string) => textFor(letters) ?? all),
  };
}
