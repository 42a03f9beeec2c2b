import { excerpt } from '../text/excerpt.ts';
import type { Remedy } from '../text/remedy.ts';
import type { CommandOption } from './command.ts';
import { isMisspelt } from './misspelt.ts';

/** A word in a text that people write as they like, which may be meant as an option. */
export interface StrayOption extends Remedy {
  /** Which of the words. */
  readonly index: number;
}

/** The beginning of a field in a condition; without one a condition says nothing about an event. */
const field = /(?<![\p{L}_])(?:object|subject|event)\s*[.[]/u;
const eventSpec = /^\W*[a-z_]+#[a-z_,]+/i;
/** A mark that people write before an option, or behind its name. */
const mark = /^[^\p{L}\p{N}'"(]|[:=]$/u;

/**
 * Returns the first of the unquoted words of a time or a reason that looks like an option or its value; null if there is
 * none. Taken for a reason, it would make a mute wider than it was meant.
 */
export function strayOption(words: readonly string[], options: readonly CommandOption[]): StrayOption | null {
  const named = options.filter((option) => option.place === 'named');
  const filters = named.filter(({ type }) => type !== 'text');
  for (const [index, word] of words.entries()) {
    const isMarked = mark.test(word) || /^\P{L}+$/u.test(words[index - 1] ?? '');
    const pieces = word.toLowerCase().split(/[^\p{L}_]+/u);
    const isNamed = ({ name }: CommandOption) =>
      pieces.includes(name) || ((isMarked || name.length > 5) && pieces.some((piece) => isMisspelt(piece, name)));
    const meant = filters.find(isNamed) ?? (isMarked ? named.find(isNamed) : undefined);
    const said = `"${excerpt(word, 40)}"`;
    if (meant !== undefined) {
      const right = `write --${meant.name} if it is one, or the reason in quotes: --reason "…"`;
      return { index, wrong: `${said} may be an option`, right };
    }
    if (field.test(word)) return { index, wrong: `${said} may be a condition`, right: 'write --where "<condition>"' };
    if (eventSpec.test(word)) {
      const right = 'write events first, or behind --except; a reason that names them in quotes: --reason "…"';
      return { index, wrong: `${said} may be events`, right };
    }
  }
  return null;
}
