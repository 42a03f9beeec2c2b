import { distance } from 'fastest-levenshtein';

/** How many letters may be wrong before a suggestion is a guess: every third; two that changed places count twice. */
const allowed = (word: string) => Math.ceil(word.length / 3);

/**
 * The known name that somebody who wrote `word` most likely meant; null when none is near. Case does not count. Where
 * no spelling is near, a name of which the word is a whole part will do: `reputation` → `user_reputation`; else one that begins with it.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  // Nobody misspells a name into something this long, and the distance costs the product of both lengths.
  if (word.length > 64) return null;
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let bestDistance = allowed(wanted) + 1;
  for (const name of known) {
    const letters = distance(wanted, name.toLowerCase());
    if (letters < bestDistance) [best, bestDistance] = [name, letters];
  }
  if (best !== null || wanted.length < 3) return best;
  const containing = known.filter((name) => `_${name.toLowerCase()}_`.includes(`_${wanted}_`));
  const beginning = known.filter((name) => name.toLowerCase().startsWith(wanted));
  const candidates = containing.length > 0 ? containing : beginning;
  return candidates.toSorted((a, b) => a.length - b.length)[0] ?? null;
}
