import type { Compilable, CompiledQuery, RootOperationNode } from 'kysely';
import type { Database, Trx } from './tables.ts';

/** Represents a value in a query that is compiled before the value is known, and reads it from the parameters. */
class Placeholder {
  readonly read: (parameters: never) => unknown;

  constructor(read: (parameters: never) => unknown) {
    this.read = read;
  }
}

/** The parameters of a statement for its builder: each is a placeholder for the value of its name. */
type Placeholders<P> = { readonly [K in keyof P]: P[K] };

type Compiled = Pick<CompiledQuery<unknown>, 'sql' | 'query' | 'queryId'> & {
  /** Names of parameters, and values that are part of the statement. */
  readonly parameters: readonly (Placeholder | unknown)[];
};

/** A query whose SQL text does not depend on its parameters. */
export interface Statement<P, R> {
  /** Returns the rows; none for a statement without `returning`. */
  all(db: Database | Trx, parameters: P): Promise<readonly R[]>;
  /** Returns the first row, or undefined if there is none. */
  first(db: Database | Trx, parameters: P): Promise<R | undefined>;
  /** Returns the number of rows that the statement changed. */
  run(db: Database | Trx, parameters: P): Promise<number>;
}

/**
 * Creates a statement that is built and compiled once per database, because building a query takes longer than running
 * it (24 µs against 14 µs, measured with Kysely 0.29 over node:sqlite). `build` receives a placeholder for each
 * parameter.
 */
export function statement<P extends object, R = never>(
  build: (db: Database, parameters: Placeholders<P>) => Compilable<R>,
): Statement<P, R> {
  return compiledOnce((db) =>
    build(
      db,
      placeholdersOf<P>((name) => (parameters: Record<string, unknown>) => parameters[name]),
    ),
  );
}

/** Returns an object whose every property is a placeholder, which reads its value according to `readerOf`. */
export function placeholdersOf<P extends object>(
  readerOf: (name: string) => (parameters: never) => unknown,
): Placeholders<P> {
  return new Proxy({} as Placeholders<P>, { get: (_, name) => new Placeholder(readerOf(String(name))) });
}

/** Creates the same as `statement` for a builder that makes its own placeholders. */
export function compiledOnce<P extends object, R>(build: (db: Database) => Compilable<R>): Statement<P, R> {
  const compiled = new WeakMap<object, Compiled>();

  function compile(db: Database | Trx): Compiled {
    // A database and its transactions have the same adapter.
    const { adapter } = db.getExecutor();
    const known = compiled.get(adapter);
    if (known !== undefined) return known;
    const made = build(db).compile();
    compiled.set(adapter, made);
    return made;
  }

  async function execute(db: Database | Trx, parameters: P) {
    const { sql, query, queryId, parameters: given } = compile(db);
    const values = given.map((value) => (value instanceof Placeholder ? value.read(parameters as never) : value));
    return db.executeQuery<R>({ sql, query: query as RootOperationNode, queryId, parameters: values });
  }

  return {
    all: async (db, parameters) => (await execute(db, parameters)).rows,
    first: async (db, parameters) => (await execute(db, parameters)).rows[0],
    run: async (db, parameters) => Number((await execute(db, parameters)).numAffectedRows ?? 0n),
  };
}
