import { describe, expect, it } from 'vitest';
import { isWorse, missesGoal, worseFigures } from './judge.ts';
import type { MeasuredFigure } from './measurements.ts';

type Given = Partial<Omit<MeasuredFigure, 'floor'>> & { readonly floor?: number };

const figure = ({ floor, ...given }: Given): MeasuredFigure => ({
  name: 'time',
  what: 'time',
  unit: 'ms',
  better: 'less',
  value: 1,
  floor: floor === undefined ? null : { what: 'nothing between', value: floor },
  ...given,
});
const row = (given: Given) => ({ outcome: 'measured', seconds: 1, figures: [figure(given)] }) as const;

describe('a figure compared with the last release', () => {
  it('is worse if its ratio to the floor more than doubled', () => {
    const released = figure({ value: 3, floor: 1 });
    expect(isWorse(figure({ value: 6, floor: 1 }), released)).toBe(false);
    expect(isWorse(figure({ value: 6.1, floor: 1 }), released)).toBe(true);
  });

  it('is as good on a machine that takes five times as long for everything', () => {
    expect(isWorse(figure({ value: 15, floor: 5 }), figure({ value: 3, floor: 1 }))).toBe(false);
  });

  it('is worse if its share of the floor’s rate fell below half', () => {
    const released = figure({ unit: '/s', better: 'more', value: 800, floor: 1_000 });
    const now = (value: number) => figure({ unit: '/s', better: 'more', value, floor: 2_000 });
    expect(isWorse(now(800), released)).toBe(false);
    expect(isWorse(now(799), released)).toBe(true);
  });

  it('is not worse by less than its grain', () => {
    const released = figure({ value: 0.01, floor: 0.01 });
    expect(isWorse(figure({ value: 0.03, floor: 0.01 }), released)).toBe(true);
    expect(isWorse(figure({ value: 0.03, floor: 0.01, grain: 0.02 }), released)).toBe(false);
  });

  it('is compared without a floor if it is memory, and never if it is a time', () => {
    expect(isWorse(figure({ unit: 'MB', value: 201 }), figure({ unit: 'MB', value: 100 }))).toBe(true);
    expect(isWorse(figure({ unit: 'MB', value: 200 }), figure({ unit: 'MB', value: 100 }))).toBe(false);
    expect(isWorse(figure({ unit: 's', value: 900 }), figure({ unit: 's', value: 1 }))).toBe(false);
  });

  it('is not compared if it is new, or if its row failed in the last release', () => {
    const now = row({ value: 100, floor: 1 });
    expect(worseFigures(now, row({ value: 1, floor: 1 }))).toEqual(now.figures);
    expect(worseFigures(now, undefined)).toEqual([]);
    expect(worseFigures(now, row({ name: 'other', floor: 1 }))).toEqual([]);
    expect(worseFigures(now, { outcome: 'failed', seconds: 1, reason: 'did not end within 1 s' })).toEqual([]);
  });
});

describe('a goal', () => {
  it.each<[Given, boolean]>([
    [{ value: 50, goal: { kind: 'at most', value: 50 } }, false],
    [{ value: 51, goal: { kind: 'at most', value: 50 } }, true],
    [{ value: 9_999, goal: { kind: 'at least', value: 10_000 } }, true],
    [{ value: 4, floor: 1, goal: { kind: 'above the floor by at most', value: 3 } }, false],
    [{ value: 4.1, floor: 1, goal: { kind: 'above the floor by at most', value: 3 } }, true],
    [{ value: 70, floor: 100, goal: { kind: 'of the floor at least', value: 0.7 } }, false],
    [{ value: 69, floor: 100, goal: { kind: 'of the floor at least', value: 0.7 } }, true],
    [{ value: 1_000_000 }, false],
  ])('is missed with %j: %s', (given, isMissed) => {
    expect(missesGoal(figure(given))).toBe(isMissed);
  });
});
