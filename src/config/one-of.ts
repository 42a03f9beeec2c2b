import { nearest } from '../text/nearest.ts';

/** Says what to write in place of an unknown word. */
export function oneOf(known: readonly string[], written: string): string {
  const meant = nearest(written, known);
  return meant === null ? `one of ${known.join(', ')}` : `did you mean ${meant}?`;
}
