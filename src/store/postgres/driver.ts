import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { type Clock, sleep } from '../../time/clock.ts';
import { createLine } from '../line.ts';
import type { TroubleWatch } from '../trouble-watch.ts';
import type { PostgresAddress } from './address.ts';
import { type Begin, commitOn, type OpenTransaction } from './commit.ts';
import { type Connection, connect } from './connection.ts';
import { isConnectionLost } from './errors.ts';

/** Time to wait for a server that is away, from the first failure on, ms. A restart takes less. */
const PATIENCE_MS = 5_000;
/** Interval between two attempts to connect, ms. */
const TRY_EVERY_MS = 100;
/**
 * Statements that may change rows. The one with which Kysely locks its migrations changes none (postgres-adapter.js): in a transaction it would wait
 * for that lock while it has the turn to write, which the process with that lock waits for.
 */
const writing = /^\s*(?:insert|update|delete|with(?! set_timeout))\b/i;

export interface DriverOptions {
  readonly address: PostgresAddress;
  /** Shown in `pg_stat_activity`. */
  readonly purpose: string;
  readonly clock: Clock;
  /** Aborted when there is no time left to wait for the server. */
  readonly hurry: AbortSignal;
  readonly watch: TroubleWatch | null;
  readonly begin: Begin;
}

/**
 * Drives one connection, which admits one caller at a time, as SQLite does: parts of the program that read and then
 * write never meet each other. A connection that broke is replaced, and what was under way fails.
 */
export function postgresDriver(options: DriverOptions): Driver {
  const { watch, begin } = options;
  const line = createLine();
  const connected = keepConnected(options);
  /** The transaction that is open; null: none is. */
  let within: OpenTransaction | null = null;

  /** Begins a transaction, which may be refused. */
  async function beginOn(connection: Connection): Promise<OpenTransaction> {
    try {
      return { connection, id: await begin(connection) };
    } catch (err) {
      await rollBack(connection);
      throw err;
    }
  }

  async function writeAlone<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const connection = await connected.get();
    const transaction = await beginOn(connection);
    try {
      const result = await ask<R>(connection, query);
      await commitOn(transaction, options.clock, connected.get);
      watch?.wrote();
      return result;
    } catch (err) {
      await rollBack(connection);
      throw err;
    }
  }

  const only: DatabaseConnection = {
    executeQuery: <R>(query: CompiledQuery) =>
      watched(async () => {
        if (within !== null) return ask<R>(within.connection, query);
        return writing.test(query.sql) ? writeAlone<R>(query) : ask<R>(await connected.get(), query);
      }),
    streamQuery: () => {
      throw new Error('this driver streams nothing');
    },
  };

  async function watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (err) {
      watch?.failed(err);
      throw err;
    }
  }

  return {
    init: async () => undefined,
    async acquireConnection() {
      await line.enter();
      return only;
    },
    beginTransaction: () =>
      watched(async () => {
        within = await beginOn(await connected.get());
      }),
    commitTransaction: () =>
      watched(async () => {
        await commitOn(within!, options.clock, connected.get);
        within = null;
        watch?.wrote();
      }),
    async rollbackTransaction() {
      const transaction = within;
      within = null;
      if (transaction !== null) await rollBack(transaction.connection);
    },
    releaseConnection: async () => line.leave(),
    destroy: () => connected.end(),
  };
}

async function ask<R>(connection: Connection, { sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
  const { rows, rowCount, command } = await connection.query(sql, parameters);
  const isChange = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
  return { rows: rows as R[], ...(isChange ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}) };
}

/** Ends a transaction whose statement failed. A connection that breaks meanwhile ends it, too. */
async function rollBack(connection: Connection): Promise<void> {
  if (!connection.isBroken) await connection.query('rollback').catch(() => undefined);
}

/** Returns the connection, and replaces one that broke. Waits for a server that restarts. */
function keepConnected({ address, purpose, clock, hurry }: DriverOptions) {
  let connection: Connection | null = null;
  /** Monotonic time of the first failure since the last connection, ms. */
  let awaySince: number | null = null;
  return {
    async get(): Promise<Connection> {
      while (connection === null || connection.isBroken) {
        try {
          connection = await connect(address, purpose);
          awaySince = null;
        } catch (err) {
          awaySince ??= clock.monotonic();
          const isOver = clock.monotonic() - awaySince >= PATIENCE_MS;
          if (isOver || hurry.aborted || !isConnectionLost(err)) throw err;
          await sleep(clock, TRY_EVERY_MS, hurry);
        }
      }
      return connection;
    },
    end: async () => connection?.end(),
  };
}
