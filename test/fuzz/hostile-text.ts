import fc from 'fast-check';
import { codePoint } from '../support/code-point.ts';
import { hostilePieces } from './hostile-pieces.ts';

const pieces = Object.values(hostilePieces).flat();

/** One piece, of a kind chosen first, so that kinds with few pieces are as frequent. */
const piece = fc.oneof(...Object.values(hostilePieces).map((kind) => fc.constantFrom(...kind)));

const glue = fc.constantFrom('', '', '', ' ', '\n', 'a', '.', ':', '\\');

/** Pieces side by side, which may become dangerous together. */
const glued = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 8 }), glue)
  .map(([parts, between]) => parts.join(between));

/** A piece around another: `**[a](https://evil.com)**`, `<<@1>>`. */
const wrapped = fc
  .tuple(piece, glued, fc.boolean())
  .map(([around, inner, isMirrored]) => around + inner + (isMirrored ? [...around].reverse().join('') : around));

/** Hundreds of combining marks on one base, or on none. */
const pile = fc
  .tuple(
    fc.constantFrom('', 'a', 'ꙮ', '`', '@', '<'),
    fc.constantFrom('\u0301', '\u0489', '\u20dd', '\u0e31', '\u0301\u034f'),
    fc.integer({ min: 1, max: 300 }),
  )
  .map(([base, mark, count]) => base + mark.repeat(count));

const anyUnits = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0xd800, max: 0xdfff }),
      fc.integer({ min: 0x2000, max: 0x2070 }),
    ),
    { maxLength: 16 },
  )
  .map((units) => String.fromCharCode(...units));

/** Longer than any limit, up to 1 MB. */
const long = fc
  .tuple(glued, fc.constantFrom(300, 2_000, 5_000, 70_000, 1_048_576))
  .map(([unit, length]) =>
    (unit === '' ? 'x' : unit).repeat(Math.ceil(length / Math.max(1, unit.length))).slice(0, length),
  );

/** Texts of an attacker who wants clicks or pings, or to hide or to break out. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 60, arbitrary: glued },
  { weight: 15, arbitrary: wrapped },
  { weight: 8, arbitrary: fc.string({ unit: codePoint, maxLength: 20 }) },
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  { weight: 6, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 4, arbitrary: anyUnits },
  { weight: 3, arbitrary: pile },
  { weight: 1, arbitrary: long },
);

/** Splits one text into parts, each of which may be harmless: the danger is where they are side by side. */
export function inParts(count: number): fc.Arbitrary<readonly string[]> {
  const whole = fc.oneof(fc.constantFrom(...pieces), glued);
  return fc.tuple(whole, fc.array(fc.nat(), { minLength: count - 1, maxLength: count - 1 })).map(([text, cuts]) => {
    const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
    return at.slice(1).map((end, index) => text.slice(at[index], end));
  });
}
