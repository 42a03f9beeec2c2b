import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type Dialect, SqliteDialect, type SqliteStatement } from 'kysely';
import { type Patience, patientDriver } from './patient-driver.ts';

/** How many statements are kept prepared; the same few dozen are asked again and again. */
const MOST_PREPARED = 200;

/** How long opening waits for another process to let go of the file, in milliseconds; nothing else runs yet that it could stop. */
const OPENING_MS = 5_000;

/** Kysely's SQLite dialect over Node's built-in `node:sqlite`. */
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
        // It has transactional DDL, and Kysely knows: it fears a second connection, which we have not. A step that a full disk or a
        // kill ends is as if it had not begun.
        supportsTransactionalDdl: { value: true },
        // The driver lets one in at a time. Kysely's own lock wakes all that wait for each that ends: with thousands of rooms that is
        // all the work there is (kysely 0.29, driver/connection-mutex.ts).
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
      // A full disk makes SQLite roll back by itself; a second rollback would fail and hide what was wrong.
      if (sql === 'rollback' && !database.isTransaction) return { changes: 0, lastInsertRowid: 0 };
      return statement.run(...(parameters as SQLInputValue[]));
    },
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}

/** Opens the file (or `:memory:`) so that what is committed survives a power cut. Throws what node:sqlite throws. */
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
