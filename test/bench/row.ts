/** `quick`: small, for every change. `full`: as shown in docs/measurements.md. */
export const modes = ['quick', 'full'] as const;
export type Mode = (typeof modes)[number];

/** `slope`: of the logarithm of one value over that of the other; 0 is flat, 1 is proportional. */
export type Unit = 'ms' | 's' | '/s' | 'MB' | 'kB' | 'CPU s' | 'cores' | 'slope';

/** The value that a release should reach. */
export type Goal =
  | { readonly kind: 'at most'; readonly value: number }
  | { readonly kind: 'at least'; readonly value: number }
  /** Largest distance above the floor, in the figure's unit. */
  | { readonly kind: 'above the floor by at most'; readonly value: number }
  /** Smallest multiple of the floor. */
  | { readonly kind: 'of the floor at least'; readonly value: number };

/** One line of the table. */
export interface Figure {
  /** Its name in `docs/measurements.json`. */
  readonly name: string;
  /** Describes the measurement, including sizes. */
  readonly what: string;
  readonly unit: Unit;
  readonly better: 'less' | 'more';
  /** Describes the floor; null: there is none, and only memory is compared between releases. */
  readonly floor: string | null;
  /** Differences below it are noise, in the figure's unit. Default 0. */
  readonly grain?: number;
  readonly goal?: Goal;
}

/** A figure's value, and the smallest cost of the same job. */
export interface Value {
  readonly value: number;
  readonly floor: number | null;
}

/** Values by the names of their figures. */
export type Values = Readonly<Record<string, Value>>;

/** Reports the progress of a row, for the message if it does not end in time. */
export type Progress = (text: string) => void;

/** One row: its figures are measured together, in a separate process. */
export interface RowSpec<Size> {
  /** Its name on the command line. */
  readonly name: string;
  /** The name of all rows of its file. */
  readonly group: string;
  readonly sizes: Readonly<Record<Mode, Size>>;
  /** Time after which it has failed, s. */
  readonly limitSeconds: Readonly<Record<Mode, number>>;
  readonly figures: (size: Size) => readonly Figure[];
  readonly measure: (size: Size, progress: Progress) => Promise<Values>;
}

/** A row whose sizes only it knows. */
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

/** Returns a value without a floor. */
export function alone(value: number): Value {
  return { value, floor: null };
}

/** Formats a whole number for people: 5,000. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
