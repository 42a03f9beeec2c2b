import { describe, expect, it } from 'vitest';
import { logLogSlope, slope } from './slope.ts';
import { growth } from './soak.ts';

describe('a slope', () => {
  it('is that of the line through the points', () => {
    const points = [1, 2, 3, 4].map((x) => ({ x, y: 5 + 2 * x }));
    expect(slope(points)).toBeCloseTo(2);
  });

  it('distinguishes flat, proportional and quadratic growth on a log-log scale', () => {
    const of = (cost: (x: number) => number) => logLogSlope([2, 20, 200, 2_000].map((x) => ({ x, y: cost(x) })));
    expect(of(() => 3)).toBeCloseTo(0);
    expect(of((x) => 0.1 * x)).toBeCloseTo(1);
    expect(of((x) => x ** 2)).toBeCloseTo(2);
  });
});

describe('the growth of memory in a soak', () => {
  const looks = (count: number, residentMb: (minute: number) => number) =>
    Array.from({ length: count }, (_, index) => {
      const minute = index + 1;
      const look = { cpuSeconds: 1, longestBlockMs: 1, peakMb: 0, heapMb: 50, residentMb: residentMb(minute) };
      return { minute, look };
    });

  it('does not count the first minutes', () => {
    const text = growth(looks(60, (minute) => (minute <= 10 ? 100 + 10 * minute : 200)));
    expect(text).toBe('after the first 10 min: resident memory grows by 0.0 MB an hour, the heap by 0.0 MB an hour');
  });

  it('is given for an hour', () => {
    expect(growth(looks(30, (minute) => 200 + minute / 2))).toContain('resident memory grows by 30.0 MB an hour');
  });

  it('is not given for too few minutes', () => {
    expect(growth(looks(2, () => 200))).toContain('too short');
  });
});
