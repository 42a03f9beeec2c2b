import type { Scalar } from 'yaml';
import { placeScalar, type ScalarToken } from './scalar-positions.ts';

/** Turns an offset in a scalar's value into one in the YAML text; both in UTF-16 units. */
export type Place = (offset: number) => number;

/**
 * Where the characters of a scalar's value stand; the document must have been parsed with `keepSourceTokens`. Decoded only
 * when somebody asks: most texts have no problem in them. `start` stands for all where the token says something else.
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
