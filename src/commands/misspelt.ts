/** Length of a name below which another letter in it makes another word: `show`, `slow`. */
const shortestForOtherLetter = 5;

/**
 * Returns true if a word is a name in which two letters are swapped, or one is missing, doubled, added or another one. One
 * that is added at the end makes another word: `muted`, `shows`.
 */
export function isMisspelt(word: string, name: string): boolean {
  if (word === name) return false;
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
