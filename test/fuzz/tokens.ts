/**
 * Harmless words that stand for the hostile texts of an event or a message. What is made of them shows where a text
 * belongs and how it is meant to look; put back in, they tell what is expected.
 */
export interface Tokens {
  /** A word that stands for a text, from now on. */
  standFor(text: string): string;
  /** The words in a text, between what is not one of them. */
  split(text: string): readonly ({ readonly literal: string } | { readonly word: string; readonly value: string })[];
  /** The text with what they stand for in their place. */
  skipSubject(text: string): string;
}

/** Letters alone: no parser, helper or link finder makes anything of them. */
const word = /Zq([a-p]+)xZ/g;

/** `alike`: texts that are the same get the same word; `apart`: each gets its own. */
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
