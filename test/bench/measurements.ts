import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Figure, Mode, Row, Value } from './row.ts';
import type { RowResult } from './row-process.ts';

/** A figure with its measured value. */
export interface MeasuredFigure extends Omit<Figure, 'floor'>, Pick<Value, 'value'> {
  readonly floor: { readonly what: string; readonly value: number } | null;
}

export type MeasuredRow =
  | {
      readonly outcome: 'measured';
      readonly seconds: number;
      readonly figures: readonly MeasuredFigure[];
      /** Its own occasion, if it was measured after the others. */
      readonly occasion?: Occasion;
    }
  | { readonly outcome: 'failed'; readonly seconds: number; readonly reason: string };

export type MeasuredRows = Readonly<Record<string, MeasuredRow>>;

/** The place and time of a measurement. */
export interface Occasion {
  /** The commit's hash, with `+` if files were changed since; null outside a repository. */
  readonly commit: string | null;
  /** Unix milliseconds as ISO text. */
  readonly date: string;
  readonly machine: string;
  /**
   * The load average of the minute before, from `os.loadavg()`: above the number of processors, figures are worse than
   * they should be.
   */
  readonly load: number;
}

/** All rows of one run. */
export interface Run extends Occasion {
  readonly rows: MeasuredRows;
}

/** `docs/measurements.json`: the figures of the last release. */
export type Measurements = Readonly<Partial<Record<Mode, Run>>>;

const file = fileURLToPath(new URL('../../docs/measurements.json', import.meta.url));

export function readMeasurements(): Measurements {
  return JSON.parse(readFileSync(file, 'utf8')) as Measurements;
}

/** Writes the given runs; the others stay. */
export function writeMeasurements(measurements: Measurements): void {
  writeFileSync(file, `${JSON.stringify({ ...readMeasurements(), ...measurements }, null, 2)}\n`);
}

/** Returns the run with those rows of another one that were measured, each with the occasion of that one. Pure. */
export function withRows(run: Run, { rows, ...occasion }: Run): Run {
  const added = Object.entries(rows).flatMap(([name, row]) =>
    row.outcome === 'measured' ? [[name, { ...row, occasion }] as const] : [],
  );
  return { ...run, rows: { ...run.rows, ...Object.fromEntries(added) } };
}

/** Number of significant digits. More would be noise. */
const digits = 4;
const rounded = (value: number) => Number(value.toPrecision(digits));

/** Combines the results of a row's process with the definitions of its figures. */
export function measuredRow(row: Row, mode: Mode, result: RowResult): MeasuredRow {
  const seconds = rounded(result.seconds);
  if (result.outcome === 'failed') return { ...result, seconds };
  const figures = row.figures(mode).map(({ floor: what, ...figure }): MeasuredFigure => {
    const { value = Number.NaN, floor = null } = result.values[figure.name] ?? {};
    return {
      ...figure,
      value: rounded(value),
      floor: what === null || floor === null ? null : { what, value: rounded(floor) },
    };
  });
  return { outcome: 'measured', seconds, figures };
}
