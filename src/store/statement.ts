import type { Compilable, CompiledQuery, RootOperationNode } from 'kysely';
import type { Database, Trx } from './tables.ts';

/** Stands for a value in a query that is compiled before the value is known, and finds it among the parameters. */
class Placeholder {
  readonly read: (parameters: never) => unknown;

  constructor(read: (parameters: never) => unknown) {
    this.read = read;
  }
}

/** The parameters of a statement, for its builder: each stands for the value of its name. */
type Placeholders<P> = { readonly [K in keyof P]: P[K] };

type Compiled = Pick<CompiledQuery<unknown>, 'sql' | 'query' | 'queryId'> & {
  /** Names of parameters, and values that are part of the statement. */
  readonly parameters: readonly (Placeholder | unknown)[];
};

/** A query whose text never changes, whatever its parameters are. */
export interface Statement<P, R> {
  /** Gives the rows; of a statement without `returning` none. */
  all(db: Database | Trx, parameters: P): Promise<readonly R[]>;
  /** Gives the first row; undefined if there is none. */
  first(db: Database | Trx, parameters: P): Promise<R | undefined>;
  /** Gives how many rows the statement changed. */
  run(db: Database | Trx, parameters: P): Promise<number>;
}

/**
 * Makes a statement that is built and compiled once for each database: building a query takes as long as running it (24 µs
 * against 14 µs, measured with Kysely 0.29 over node:sqlite). `build` gets a placeholder for each parameter.
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

/** An object whose every property is a placeholder, which finds its value as `readerOf` says. */
export function placeholdersOf<P extends object>(
  readerOf: (name: string) => (parameters: never) => unknown,
): Placeholders<P> {
  return new Proxy({} as Placeholders<P>, { get: (_, name) => new Placeholder(readerOf(String(name))) });
}

/** The same as `statement`, for a builder that makes its placeholders itself. */
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
