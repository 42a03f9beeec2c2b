/** `quick`: small, for every change. `full`: as docs/measurements.md shows it. */
export const modes = ['quick', 'full'] as const;
export type Mode = (typeof modes)[number];

/** `slope`: of the logarithm of the one over that of the other; 0 is flat, 1 is proportional. */
export type Unit = 'ms' | 's' | '/s' | 'MB' | 'kB' | 'CPU s' | 'cores' | 'slope';

/** The value that a release is to reach. */
export type Goal =
  | { readonly kind: 'at most'; readonly value: number }
  | { readonly kind: 'at least'; readonly value: number }
  /** So much above the floor at most, in the figure's unit. */
  | { readonly kind: 'above the floor by at most'; readonly value: number }
  /** So many times the floor at least. */
  | { readonly kind: 'of the floor at least'; readonly value: number };

/** One line of the table. */
export interface Figure {
  /** Its name in `docs/measurements.json`. */
  readonly name: string;
  /** A text that says what is measured, sizes included. */
  readonly what: string;
  readonly unit: Unit;
  readonly better: 'less' | 'more';
  /** A text that says what the floor is; null: there is none, and only memory is compared between releases. */
  readonly floor: string | null;
  /** Differences below it are noise, in the figure's unit. Default 0. */
  readonly grain?: number;
  readonly goal?: Goal;
}

/** A figure's value, and what the same costs at least. */
export interface Value {
  readonly value: number;
  readonly floor: number | null;
}

/** Values by the names of their figures. */
export type Values = Readonly<Record<string, Value>>;

/** Notes how far a row is, for the message about one that does not end in time. */
export type Progress = (text: string) => void;

/** One row: its figures are measured together, in a process of their own. */
export interface RowSpec<Size> {
  /** As the command line names it. */
  readonly name: string;
  /** Names all rows of its file at once. */
  readonly group: string;
  readonly sizes: Readonly<Record<Mode, Size>>;
  /** After so many seconds it has failed. */
  readonly limitSeconds: Readonly<Record<Mode, number>>;
  readonly figures: (size: Size) => readonly Figure[];
  readonly measure: (size: Size, progress: Progress) => Promise<Values>;
}

/** A row whose sizes are its own business. */
export interface Row extends Omit<RowSpec<never>, 'sizes' | 'figures' | 'measure'> {
  figures(mode: Mode): readonly Figure[];
  measure(mode: Mode, progress: Progress): Promise<Values>;
}

export function defineRow<Size>({ sizes, figures, measure, ...row }: RowSpec<Size>): Row {
  return {
    ...row,
    figures: (mode) => figures(sizes[mode]),
    measure: (mode, progress) => measure(sizes[mode], progress),
  };
}

/** A value without a floor. */
export function alone(value: number): Value {
  return { value, floor: null };
}

/** A whole number as people write it: 5,000. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
