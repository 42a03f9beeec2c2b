import type { Compilable } from 'kysely';
import { compiledOnce, placeholdersOf, type Statement } from './statement.ts';
import type { Database, Trx } from './tables.ts';

/** Numbers of rows for which a statement exists, largest first, so that few statements serve any number of rows. */
const sizes = [64, 8, 1] as const;

/** A query over any number of rows, made of few statements. */
export interface ChunkedStatement<P, R> {
  /** Runs it over the rows in their order. The results may be in any order. */
  all(db: Database | Trx, rows: readonly P[]): Promise<R[]>;
}

/**
 * Creates a query over any number of rows from statements for 64, 8 and 1 rows: a separate statement for every number
 * of rows would have to be compiled and kept, and SQLite accepts at most 32,766 parameters. `build` receives rows of
 * placeholders.
 */
export function inChunks<P extends object, R = never>(
  build: (db: Database, rows: readonly P[]) => Compilable<R>,
): ChunkedStatement<P, R> {
  const statements = new Map<number, Statement<readonly P[], R>>(
    sizes.map((size) => [size, compiledOnce((db) => build(db, rowsOf<P>(size)))]),
  );
  return {
    async all(db, rows) {
      const found: R[] = [];
      for (let at = 0; at < rows.length; ) {
        const size = sizes.find((each) => each <= rows.length - at) ?? 1;
        found.push(...(await statements.get(size)!.all(db, rows.slice(at, at + size))));
        at += size;
      }
      return found;
    },
  };
}

function rowsOf<P extends object>(size: number): readonly P[] {
  return Array.from({ length: size }, (_, index) =>
    placeholdersOf<P>((column) => (rows: readonly Record<string, unknown>[]) => rows[index]?.[column]),
  );
}
