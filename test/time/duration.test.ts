import { expect, it } from 'vitest';
import { formatDuration } from '../../src/time/duration.ts';

it.each([
  [-86_400_000, '0 s'],
  [0, '0 s'],
  [375, '0.4 s'],
  [500, '0.5 s'],
  [4_000, '4 s'],
  [9_960, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min'],
  [125_000, '2 min 5 s'],
  [300_000, '5 min'],
  [3_599_600, '1 h'],
  [11_040_000, '3 h 4 min'],
  [86_390_000, '1 d'],
  [176_400_000, '2 d 1 h'],
])('formats %i ms as %s', (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});
