import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type Dialect, SqliteDialect, type SqliteStatement } from 'kysely';
import { type Patience, patientDriver } from './patient-driver.ts';

/** Largest number of prepared statements that are kept; the same few dozen are used again and again. */
const MOST_PREPARED = 200;

/**
 * Time to wait, while opening, until another process releases the file, ms. Blocking is acceptable, because nothing
 * else runs yet.
 */
const OPENING_MS = 5_000;

/** Returns Kysely's SQLite dialect over Node's built-in `node:sqlite`. */
export function sqliteDialect(database: DatabaseSync, patience: Patience): Dialect {
  const prepared = new Map<string, SqliteStatement>();
  const dialect = new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare(sql) {
        const known = prepared.get(sql);
        if (known !== undefined) return known;
        if (prepared.size >= MOST_PREPARED) prepared.clear();
        const statement = prepare(database, sql);
        prepared.set(sql, statement);
        return statement;
      },
    },
  });
  return {
    createAdapter: () =>
      Object.create(dialect.createAdapter(), {
        // SQLite has transactional DDL. Kysely does not use it because of possible second connections, but there is
        // only one. A migration that is interrupted by a full disk or a kill is rolled back.
        supportsTransactionalDdl: { value: true },
        // The driver admits one caller at a time. Kysely's own lock would wake all waiting callers for each that ends,
        // which with thousands of rooms takes all the time there is (kysely 0.29, driver/connection-mutex.ts).
        supportsMultipleConnections: { value: true },
      }),
    createDriver: () => patientDriver(dialect.createDriver(), patience),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

function prepare(database: DatabaseSync, sql: string): SqliteStatement {
  const statement = database.prepare(sql);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run(parameters) {
      // A full disk makes SQLite roll back by itself. A second rollback would fail and hide the cause.
      if (sql === 'rollback' && !database.isTransaction) return { changes: 0, lastInsertRowid: 0 };
      return statement.run(...(parameters as SQLInputValue[]));
    },
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}

/**
 * Opens the file (or `:memory:`) in such a way that committed data survives a power cut. Throws the errors of
 * node:sqlite.
 */
export function openSqlite(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: OPENING_MS });
  try {
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA foreign_keys = ON');
    // From here on the driver waits.
    database.exec('PRAGMA busy_timeout = 0');
    return database;
  } catch (err) {
    database.close();
    throw err;
  }
}
