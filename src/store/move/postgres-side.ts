import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { type Clock, sleep } from '../../time/clock.ts';
import type { SchemaChange } from '../migrations.ts';
import { openHeld } from '../open-place.ts';
import type { Store } from '../open-store.ts';
import { describeAddress, type PostgresAddress } from '../postgres/address.ts';
import { type Connection, connect } from '../postgres/connection.ts';
import type { Lease } from '../postgres/lease.ts';
import { LEASE_MS } from '../postgres/lease-row.ts';
import { takeLease } from '../postgres/take-lease.ts';
import { StoreError, StoreInUseError } from '../store-errors.ts';
import { copyText } from './copy-text.ts';
import { dropIndexes, lastIdsOf, setLastIds, shapesOf, withRows } from './postgres-schema.ts';
import type { Row, Shape, Source, Target } from './side.ts';

/** Characters of a batch that are aimed at, and the bounds of its rows. */
const CHARACTERS = 1_000_000;
const FIRST_ROWS = 100;
const MOST_ROWS = 2_000;
/** Interval between two attempts to get the lease, ms. */
const ASK_EVERY_MS = 500;
/** Time after which the server ends the transaction of a process that was stopped, ms. */
const STOPPED_MS = 60_000;

export interface PostgresSideOptions {
  readonly address: PostgresAddress;
  readonly clock: Clock;
  /** Aborted to end the move; also from here, if the lease is lost. */
  readonly stop: AbortController;
  readonly report: (waiting: { readonly step: 'waiting'; readonly holder: string }) => void;
}

/** Opens a database that no other process works on, updates its schema, and refuses the writes of commands until the end. */
export async function openPostgresSource(
  options: PostgresSideOptions,
): Promise<Source & { readonly schema: SchemaChange }> {
  const lease = await freeLease(options);
  const held = await openHeld({ kind: 'postgres', address: options.address }, { lease });
  return guarded({ ...options, lease, held, idleMs: 0 }, async ({ connection, close }) => {
    // Commands of the shell write to this table first.
    await connection.queries('begin isolation level repeatable read; lock table command_changes in share mode');
    const shapes = await shapesOf(connection);
    return {
      schema: held.schema,
      shapes,
      rows: (shape) => rowsOf(connection, shape),
      count: async ({ name }) => Number((await connection.query(`select count(*) as n from "${name}"`)).rows[0]?.n),
      lastIds: () => lastIdsOf(connection, shapes),
      close,
    };
  });
}

/**
 * Opens an empty database for one transaction, which is all of the move: an interruption leaves it as empty as it was. The schema
 * is made before.
 */
export async function openPostgresTarget(options: PostgresSideOptions): Promise<Target> {
  const { address, stop } = options;
  const lease = await freeLease(options);
  const held = await openEmpty(address, lease);
  return guarded({ ...options, lease, held, idleMs: STOPPED_MS }, async ({ connection, close }) => {
    await connection.query('begin');
    const shapes = await shapesOf(connection);
    const again = await dropIndexes(connection);
    return {
      shapes,
      rows: (shape) => rowsOf(connection, shape),
      async write(shape, rows) {
        const copy = connection.submit(copyFrom(`copy "${shape.name}" (${named(shape)}) from stdin`));
        const texts = Readable.from(textsOf(rows), { highWaterMark: 2 });
        await pipeline(texts, copy, { signal: stop.signal });
      },
      async complete(lastIds) {
        for (const statement of again) await connection.query(statement);
        await setLastIds(connection, shapes, lastIds);
        for (const { name } of shapes) await connection.query(`analyze "${name}"`);
      },
      async keep() {
        await lease.confirm(connection);
        const { command } = await connection.query('commit');
        if (command !== 'COMMIT') throw new Error('the server undid the transaction');
      },
      close,
    };
  });
}

/** Takes the lease, for which a process that was killed lets others wait. Throws `StoreInUseError` if another one works. */
async function freeLease({ address, clock, report, stop: { signal } }: PostgresSideOptions): Promise<Lease> {
  let isTold = false;
  for (const giveUpAt = clock.monotonic() + LEASE_MS + ASK_EVERY_MS; ; ) {
    const taken = await takeLease({ address, clock });
    if (!('heldBy' in taken)) return taken;
    if (!isTold) report({ step: 'waiting', holder: taken.heldBy });
    isTold = true;
    if (clock.monotonic() >= giveUpAt || signal.aborted)
      throw new StoreInUseError(describeAddress(address), taken.heldBy);
    await sleep(clock, ASK_EVERY_MS, signal);
  }
}

/** Makes or updates the schema of a database that has no data. Throws a `StoreError` if it has. */
async function openEmpty(address: PostgresAddress, lease: Lease): Promise<Store> {
  try {
    const connection = await connect(address, 'move');
    const full = await shapesOf(connection)
      .then((shapes) => withRows(connection, shapes))
      .finally(() => connection.end());
    if (full.length > 0)
      throw new StoreError(
        `${describeAddress(address)} has data already (in ${full.slice(0, 3).join(', ')}): name an empty database; ` +
          'nothing was changed',
      );
  } catch (err) {
    await lease.release();
    throw err;
  }
  return openHeld({ kind: 'postgres', address }, { lease });
}

interface Guarded extends PostgresSideOptions {
  readonly lease: Lease;
  /** Releases the lease when it is closed. */
  readonly held: Store;
  /** Time after which the server ends an idle transaction, ms; 0: never. */
  readonly idleMs: number;
}

interface Opened {
  readonly connection: Connection;
  close(): Promise<void>;
}

/** Opens a connection that waits for long statements, and ends with the lease. */
async function guarded<T>(
  { address, stop, lease, held, idleMs }: Guarded,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  let isClosed = false;
  let connection: Connection | null = null;
  const cut = () => connection?.cut();
  const close = async () => {
    isClosed = true;
    stop.signal.removeEventListener('abort', cut);
    // The server undoes a transaction that was not committed.
    await connection?.end();
    await held.close();
  };
  void lease.lost.then(() => {
    if (!isClosed) stop.abort(lost(describeAddress(address)));
  });
  stop.signal.addEventListener('abort', cut);
  try {
    connection = await connect(address, 'move', { answerMs: 0, idleInTransactionMs: 0 });
    await connection.queries(
      `set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = ${idleMs}`,
    );
    // The server then notices within a second that this process is gone. https://www.postgresql.org/docs/14/release-14.html
    await connection.query(
      "select set_config(name, '1s', false) from pg_settings where name = 'client_connection_check_interval'",
    );
    return await work({ connection, close });
  } catch (err) {
    await close();
    throw err;
  }
}

function lost(place: string): StoreError {
  return new StoreError(
    `${place}: this process could not reach it, or was paused, for so long that others may work on it now; ` +
      'nothing was moved, and the same command begins anew',
  );
}

const named = ({ columns }: Shape) => columns.map(({ name }) => `"${name}"`).join(', ');

/** Reads by a cursor, fewer rows at a time if they are long. */
async function* rowsOf(connection: Connection, shape: Shape): AsyncIterable<readonly Row[]> {
  await connection.query(`declare moved no scroll cursor for select ${named(shape)} from "${shape.name}"`);
  for (let wanted = FIRST_ROWS; ; ) {
    const rows = (await connection.rows(`fetch forward ${wanted} from moved`)) as readonly Row[];
    if (rows.length > 0) yield rows;
    if (rows.length < wanted) break;
    const each = rows.reduce((sum, row) => sum + lengthOf(row), 0) / rows.length;
    wanted = Math.max(1, Math.min(MOST_ROWS, Math.floor(CHARACTERS / each)));
  }
  await connection.query('close moved');
}

function lengthOf(row: Row): number {
  let length = 1;
  for (const value of row) length += typeof value === 'string' ? value.length : 8;
  return length;
}

async function* textsOf(rows: AsyncIterable<readonly Row[]>): AsyncIterable<string> {
  for await (const batch of rows) yield copyText(batch);
}
