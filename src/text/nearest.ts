import { distance } from 'fastest-levenshtein';

/** Largest number of wrong letters in a suggestion: a third of the word; two swapped letters count as one. */
const allowed = (word: string) => Math.ceil(word.length / 3);

/**
 * Returns the known name that the writer of `word` most likely meant, or null if none is near. Ignores case. If no
 * spelling is near, returns a name of which the word is a complete part: `reputation` → `user_reputation`; else one
 * that begins with it.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  // Such a long text is not a misspelt name, and the distance costs the product of both lengths.
  if (word.length > 64) return null;
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let bestDistance = allowed(wanted) + 1;
  for (const name of known) {
    const letters = isSwapped(wanted, name.toLowerCase()) ? 1 : distance(wanted, name.toLowerCase());
    if (letters < bestDistance) [best, bestDistance] = [name, letters];
  }
  if (best !== null || wanted.length < 3) return best;
  const containing = known.filter((name) => `_${name.toLowerCase()}_`.includes(`_${wanted}_`));
  const beginning = known.filter((name) => name.toLowerCase().startsWith(wanted));
  const candidates = containing.length > 0 ? containing : beginning;
  return candidates.toSorted((a, b) => a.length - b.length)[0] ?? null;
}

/** Returns true if two neighbouring letters in one word are in the other order in the other. */
function isSwapped(a: string, b: string): boolean {
  if (a.length !== b.length || a === b) return false;
  let at = 0;
  while (a[at] === b[at]) at++;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}
