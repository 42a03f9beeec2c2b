/** A column that is moved. Lookout has no others than whole numbers and texts. */
export interface Column {
  readonly name: string;
  readonly kind: 'number' | 'text';
}

/** A table that is moved, as its database describes it. */
export interface Shape {
  readonly name: string;
  /** Sorted by name: two databases that grew in different ways have them in different orders. */
  readonly columns: readonly Column[];
  /** The other tables that its foreign keys refer to. */
  readonly needs: readonly string[];
}

/** The values of one row, in the order of the columns. */
export type Row = readonly (string | number | null)[];

/** A database whose rows are read. */
export interface Side {
  readonly shapes: readonly Shape[];
  /** Returns the rows of a table in batches of bounded size. */
  rows(shape: Shape): AsyncIterable<readonly Row[]>;
  /** Ends it. What was not kept is undone. */
  close(): Promise<void>;
}

/** The database that is moved. It stays as it is from its opening to its closing. */
export interface Source extends Side {
  count(shape: Shape): Promise<number>;
  /** Returns the highest id that each table with ids of its own has given, also to rows that were deleted since. */
  lastIds(): Promise<ReadonlyMap<string, number>>;
}

/** The empty database that receives the rows. */
export interface Target extends Side {
  write(shape: Shape, rows: AsyncIterable<readonly Row[]>): Promise<void>;
  /** Makes it as it is in daily use: its indexes, its foreign keys, and the ids that come next. */
  complete(lastIds: ReadonlyMap<string, number>): Promise<void>;
  /** Makes what was written last. Until then no other process sees any of it. */
  keep(): Promise<void>;
}

/** Tables that belong to one database alone: who works on it, and which migrations it had. SQLite's own begin with `sqlite_`. */
const own = /^(?:sqlite_.*|kysely_.*|run_lock|leases|processes|command_changes)$/;

export function isMoved(table: string): boolean {
  return !own.test(table);
}

export function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}
