import type { Compilable } from 'kysely';
import { compiledOnce, placeholdersOf, type Statement } from './statement.ts';
import type { Database, Trx } from './tables.ts';

/** A statement exists for so many rows at once, largest first: few texts for every number of rows. */
const sizes = [64, 8, 1] as const;

/** A query over any number of rows, whose texts are few. */
export interface ChunkedStatement<P, R> {
  /** Runs it over the rows in their order; gives what it returned, in no certain order. */
  all(db: Database | Trx, rows: readonly P[]): Promise<R[]>;
}

/**
 * Makes a query over any number of rows of a few statements over 64, 8 and 1 rows: a text of its own for every number of rows
 * would be compiled and kept for each, and SQLite takes 32,766 parameters at most. `build` gets rows whose values are placeholders.
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
