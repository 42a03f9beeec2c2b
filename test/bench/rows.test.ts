import { describe, expect, it } from 'vitest';
import { type Mode, modes } from './row.ts';
import { rows } from './rows.ts';

const duplicates = (names: readonly string[]) => names.filter((name, index) => names.indexOf(name) !== index);

describe('the rows of the bench', () => {
  it('have unique names, and so have the figures of a row', () => {
    expect(duplicates(rows.map(({ name }) => name))).toEqual([]);
    for (const row of rows)
      for (const mode of modes) {
        const figures = row.figures(mode);
        expect(figures).not.toEqual([]);
        expect(duplicates(figures.map(({ name }) => name))).toEqual([]);
        expect(duplicates(figures.map(({ what }) => what))).toEqual([]);
      }
  });

  it('have the same figures in both sizes, or more in the full one', () => {
    const namesOf = (mode: Mode) => rows.map((row) => row.figures(mode).map(({ name }) => name));
    const full = namesOf('full').flat();
    expect(
      namesOf('quick')
        .flat()
        .filter((name) => !full.includes(name)),
    ).toEqual([]);
  });

  it('have a limit each, and a smaller one in quick mode', () => {
    for (const {
      limitSeconds: { quick, full },
    } of rows) {
      expect(quick).toBeGreaterThan(0);
      expect(full).toBeGreaterThan(quick);
    }
  });
});
