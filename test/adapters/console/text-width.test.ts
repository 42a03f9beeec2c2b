import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chop, textWidth } from '../../../src/adapters/console/text-width.ts';
import { hostileText } from '../../support/hostile-text.ts';

describe('the columns of a text', () => {
  it.each([
    ['letters', 'abc', 3],
    ['marks, which take none', 'a\u0301\u0323b', 2],
    ['Chinese and Korean', '你好한국', 8],
    ['half-width Katakana', 'ｱｲ', 2],
    ['full-width punctuation', '「・」', 6],
    ['squared words', '㌔㈱', 4],
    ['Tangut', '𗀀', 2],
    ['the newest symbols that are wide', '☰䷀𝌆', 6],
    ['emoji', '🚀🫩', 4],
    ['signs that a selector makes emoji', '⚠️❤️1️⃣', 6],
    ['the same signs without it', '⚠❤1', 3],
    ['flags', '🇩🇪🇯🇵', 4],
    ['joined emoji, as if they were not joined', '👩🏽‍🚀', 6],
    ['a control character in its shown form', '⟦U+001B⟧', 8],
    ['the dash and the ellipsis, narrow outside of Asia', '—…', 2],
  ])('are right for %s', (_, text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('fit every piece of a chopped text, which keeps all of it, and each character with its marks', () => {
    const texts = fc.array(fc.constantFrom('a', 'é', 'e\u0301', '你', '⚠️', '1️⃣', '🚀', '👩🏽‍🚀', '㌔', '\u200d', ' '));
    fc.assert(
      fc.property(
        fc.oneof(
          texts.map((list) => list.join('')),
          hostileText,
        ),
        fc.integer({ min: 2, max: 9 }),
        (text, width) => {
          const pieces = chop(text, width);
          expect(pieces.join('')).toBe(text);
          for (const piece of pieces) expect(textWidth(piece)).toBeLessThanOrEqual(width);
          for (const piece of pieces.slice(1)) expect(piece).not.toMatch(/^[\p{M}\p{Cf}]/u);
        },
      ),
    );
  });
});
