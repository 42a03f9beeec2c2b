import { expect, it } from 'vitest';
import { type Backoff, nextWait } from '../../../src/inputs/source/backoff.ts';

function waits(random: number, attemptMs: number, count: number): number[] {
  let backoff: Backoff | null = null;
  let now = 1_000_000;
  return Array.from({ length: count }, () => {
    const next = nextWait(backoff, now, random);
    backoff = next.backoff;
    now += next.waitMs + attemptMs;
    return next.waitMs;
  });
}

it('doubles from 0.5 s to 4 s, and after five minutes grows to 15 s', () => {
  const all = waits(0, 0, 90);
  expect(all.slice(0, 5)).toEqual([500, 1_000, 2_000, 4_000, 4_000]);
  expect(all.slice(-13)).toEqual([4_000, 8_000, ...Array(11).fill(15_000)]);
});

it('removes up to a quarter at random, and never adds', () => {
  expect(waits(1, 0, 5)).toEqual([375, 750, 1_500, 3_000, 3_000]);
  expect(waits(0.5, 0, 4)).toEqual([438, 875, 1_750, 3_500]);
});

it('counts the five minutes from the start of the outage, even if attempts take long', () => {
  expect(waits(0, 10_000, 30).indexOf(8_000)).toBe(23);
});
