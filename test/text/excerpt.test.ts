import { expect, it } from 'vitest';
import { excerpt } from '../../src/text/excerpt.ts';

it.each([
  ['', 3, ''],
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc…'],
  ['ab🎉c', 3, 'ab…'],
  ['ab🎉c', 4, 'ab🎉…'],
])('quotes %j in %d units as %j', (text, units, quoted) => {
  expect(excerpt(text, units)).toBe(quoted);
});
