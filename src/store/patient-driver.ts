import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely';
import { type Clock, sleep } from '../time/clock.ts';
import { createLine } from './line.ts';
import { resultCode } from './trouble.ts';
import type { TroubleWatch } from './trouble-watch.ts';

/** Time to wait until another process releases the database, ms. `lookout outbox` needs much less. */
const PATIENCE_MS = 5_000;
/** Interval between two attempts in that time, ms. */
const TRY_EVERY_MS = 20;
const SQLITE_BUSY = 5;
/**
 * The transaction's snapshot is outdated: only the whole transaction can be retried.
 * https://www.sqlite.org/rescode.html#busy_snapshot
 */
const SQLITE_BUSY_SNAPSHOT = 517;

export interface Patience {
  readonly clock: Clock;
  /** Aborted when there is no time left to wait for another process. */
  readonly hurry: AbortSignal;
  readonly watch: TroubleWatch | null;
}

/**
 * Wraps a driver so that it waits for a locked database without blocking. SQLite's own wait would block the whole
 * process, which then could not answer a ping. A transaction requests the write lock when it begins, so that it never
 * fails in the middle.
 */
export function patientDriver(driver: Driver, { clock, hurry, watch }: Patience): Driver {
  async function patiently<R>(connection: DatabaseConnection, query: CompiledQuery): Promise<QueryResult<R>> {
    const giveUpAt = clock.monotonic() + PATIENCE_MS;
    for (;;) {
      try {
        return await connection.executeQuery<R>(query);
      } catch (err) {
        const code = resultCode(err);
        const isBusy = code !== null && (code & 0xff) === SQLITE_BUSY && code !== SQLITE_BUSY_SNAPSHOT;
        if (!isBusy || hurry.aborted || clock.monotonic() >= giveUpAt) {
          watch?.failed(err);
          throw err;
        }
        await sleep(clock, TRY_EVERY_MS, hurry);
      }
    }
  }

  let inTransaction = false;
  function patient(connection: DatabaseConnection): DatabaseConnection {
    return {
      async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
        const result = await patiently<R>(connection, query);
        if (!inTransaction && result.numAffectedRows !== undefined) watch?.wrote();
        return result;
      },
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    };
  }

  const line = createLine();
  let only: DatabaseConnection | null = null;

  return {
    init: (options) => driver.init(options),
    async acquireConnection(options) {
      await line.enter();
      only ??= patient(await driver.acquireConnection(options));
      return only;
    },
    async beginTransaction(connection) {
      await connection.executeQuery(CompiledQuery.raw('begin immediate'));
      inTransaction = true;
    },
    async commitTransaction(connection) {
      await connection.executeQuery(CompiledQuery.raw('commit'));
      inTransaction = false;
      watch?.wrote();
    },
    async rollbackTransaction(connection) {
      inTransaction = false;
      await connection.executeQuery(CompiledQuery.raw('rollback'));
    },
    releaseConnection: async () => line.leave(),
    destroy: (options) => driver.destroy(options),
  };
}
