import type { Scalar } from 'yaml';
import { placeScalar, type ScalarToken } from './scalar-positions.ts';

/** Converts an offset in a scalar's value to one in the YAML text; both in UTF-16 units. */
export type Place = (offset: number) => number;

/**
 * Returns the places of the characters in a scalar's value; the document must have been parsed with `keepSourceTokens`.
 * Decodes only on demand, because most texts have no problems. If the token does not match the value, every place is
 * `start`.
 */
export function placesOf(node: Scalar, value: string, start: number): Place {
  let offsets: readonly number[] | null = null;
  return (offset) => {
    if (offsets === null) {
      const placed = node.srcToken ? placeScalar(node.srcToken as ScalarToken) : null;
      offsets = placed?.text === value ? placed.offsets : [];
    }
    return offsets[Math.min(offset, offsets.length - 1)] ?? start;
  };
}
