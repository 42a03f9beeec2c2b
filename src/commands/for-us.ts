import type { Command } from './command.ts';

/**
 * Returns true if a line that other bots may be meant by too (`!play song`) begins with the name of a command, or with
 * one that is misspelt in one place: only then it is answered.
 */
export function isForUs(line: string, commands: readonly Pick<Command, 'name'>[]): boolean {
  const [, word = ''] = /^\s*(\p{L}+)/u.exec(line) ?? [];
  return commands.some(({ name }) => name === word.toLowerCase() || isMisspelt(word.toLowerCase(), name));
}

/** Length of a name below which another letter in it makes another word: `show`, `slow`. */
const shortestForOtherLetter = 5;

/**
 * Returns true if two letters of a name are swapped, or one is missing, doubled, added or another one. Its first letter
 * is right, and another ending makes another word: `muted`, `shows`.
 */
function isMisspelt(word: string, name: string): boolean {
  if (word[0] !== name[0]) return false;
  let at = 0;
  while (at < word.length && word[at] === name[at]) at++;
  const [restOfWord, restOfName] = [word.slice(at), name.slice(at)];
  const isSwapped = restOfName === `${restOfWord[1]}${restOfWord[0]}${restOfWord.slice(2)}`;
  const isMissing = restOfName.slice(1) === restOfWord;
  const isAdded = restOfWord.slice(1) === restOfName && (restOfName !== '' || word.at(-1) === name.at(-1));
  const mayBeOther = word.length === name.length && name.length >= shortestForOtherLetter;
  const isOther = mayBeOther && restOfWord.slice(1) === restOfName.slice(1);
  return isSwapped || isMissing || isAdded || isOther;
}
