import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Log } from '../../log.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { StoreError, StoreUnreadableError } from '../store-errors.ts';
import { describeAddress, type PostgresAddress } from './address.ts';
import { type Connection, connect } from './connection.ts';

/** Length of a lease by the clock of the server, ms. */
const LEASE_MS = 6_000;
/** Interval between two renewals, ms. */
const RENEW_EVERY_MS = 2_000;
/** The same after one that failed, ms. */
const RETRY_EVERY_MS = 250;
/** Time before the end of the lease at which its holder stops, ms. */
const MARGIN_MS = 500;
/** Interval at which those that stand by ask, ms. */
const ASK_EVERY_MS = 1_000;
/** Two processes made the table at once: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNIQUE_VIOLATION = '23505';
/** The one unit of work that there is: everything. */
const UNIT = 'lookout';

/** This process lost its lease: another one works, and whatever this one had under way was not written. */
export class LeaseLostError extends StoreError {
  override readonly name = 'LeaseLostError';

  constructor() {
    super('this process lost its lease on the database: another one works now');
  }
}

/** The right to work on a database while others stand by. */
export interface Lease {
  /** Rises with each change of hands. */
  readonly epoch: number;
  /** Resolves when the lease is lost. */
  readonly lost: Promise<void>;
  /** Returns false from some time before its end on, by the monotonic clock. */
  isHeld(): boolean;
  /** Begins a transaction that is refused if another process holds the lease. Throws `LeaseLostError`. */
  begin(connection: Connection): Promise<void>;
  /** Gives it to the next one at once. Nothing may be written after this. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly address: PostgresAddress;
  readonly clock: Clock;
}

/** The process that has the lease: `machine:process`. */
export interface Taken {
  readonly heldBy: string;
}

/** Takes the lease if it is free. Throws a `StoreError` if the server cannot be reached. */
export async function takeLease(options: LeaseOptions): Promise<Lease | Taken> {
  const connection = await connectOrExplain(options.address);
  try {
    const taken = await ask(options, connection, randomUUID());
    if ('heldBy' in taken) await connection.end();
    return taken;
  } catch (err) {
    await connection.end();
    throw new StoreUnreadableError(describeAddress(options.address), err);
  }
}

/**
 * Waits until this process has the lease; null if `signal` is aborted before. Throws a `StoreError` if the server cannot be
 * reached at first; later it is tried again and again.
 */
export async function waitForLease(
  options: LeaseOptions & { readonly log: Log },
  signal: AbortSignal,
): Promise<Lease | null> {
  const { address, clock, log } = options;
  const owner = randomUUID();
  let connection = await connectOrExplain(address);
  let told: string | null = null;
  while (!signal.aborted) {
    try {
      if (connection.isBroken) connection = await connect(address, 'lease');
      const taken = await ask(options, connection, owner);
      if (!('heldBy' in taken)) return taken;
      if (taken.heldBy !== told) log.info({ holder: taken.heldBy }, `standing by: ${taken.heldBy} works`);
      told = taken.heldBy;
    } catch (err) {
      if (told !== '') log.warn({ err }, 'standing by: the database does not answer');
      told = '';
    }
    await sleep(clock, ASK_EVERY_MS, signal);
  }
  await connection.end();
  return null;
}

async function connectOrExplain(address: PostgresAddress): Promise<Connection> {
  try {
    const connection = await connect(address, 'lease');
    await makeTable(connection);
    return connection;
  } catch (err) {
    throw new StoreUnreadableError(describeAddress(address), err);
  }
}

/**
 * Makes the table of leases, which is there before all others, because the schema is updated under the lease. Two processes that start at
 * once may both try.
 */
async function makeTable(connection: Connection): Promise<void> {
  const { rows } = await connection.query(`select to_regclass('leases') is not null as is_there`);
  if (rows[0]?.is_there === true) return;
  await connection
    .query(
      `create table if not exists leases (unit text primary key, owner text not null, holder text not null,
         epoch bigint not null, ends_at timestamptz not null)`,
    )
    .catch(async (err: unknown) => {
      if (!(err instanceof Error) || (err as { code?: unknown }).code !== UNIQUE_VIOLATION) throw err;
    });
}

async function ask(options: LeaseOptions, connection: Connection, owner: string): Promise<Lease | Taken> {
  const askedAt = options.clock.monotonic();
  const epoch = await take(connection, owner);
  return epoch === null
    ? { heldBy: await holderOf(connection) }
    : held({ ...options, connection, owner, epoch, askedAt });
}

const inSixSeconds = `clock_timestamp() + interval '${LEASE_MS} milliseconds'`;

/** Takes a lease that is free or over. Waits for a write under its former holder, which holds a share of the row. */
async function take(connection: Connection, owner: string): Promise<number | null> {
  const { rows } = await connection.query(
    `insert into leases (unit, owner, holder, epoch, ends_at) values ($1, $2, $3, 1, ${inSixSeconds})
     on conflict (unit) do update set owner = excluded.owner, holder = excluded.holder, epoch = leases.epoch + 1,
       ends_at = ${inSixSeconds} where leases.ends_at < clock_timestamp() returning epoch`,
    [UNIT, owner, `${hostname()}:${process.pid}`],
  );
  return rows[0] === undefined ? null : Number(rows[0].epoch);
}

async function holderOf(connection: Connection): Promise<string> {
  const { rows } = await connection.query('select holder from leases where unit = $1', [UNIT]);
  return String(rows[0]?.holder ?? 'another process');
}

interface HeldOptions extends LeaseOptions {
  readonly connection: Connection;
  readonly owner: string;
  readonly epoch: number;
  /** Monotonic time before the request for it was sent, ms. */
  readonly askedAt: number;
}

function held(options: HeldOptions): Lease {
  const { address, clock, owner, epoch } = options;
  let { connection } = options;
  let validUntil = options.askedAt + LEASE_MS - MARGIN_MS;
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  const ended = new AbortController();
  const isHeld = () => !ended.signal.aborted && clock.monotonic() < validUntil;
  const end = () => {
    ended.abort();
    lose();
  };

  /** Returns false if another process has it. Throws if the server does not answer. */
  async function renew(): Promise<boolean> {
    const askedAt = clock.monotonic();
    if (connection.isBroken) connection = await connect(address, 'lease');
    const { rowCount } = await connection.query(
      `update leases set ends_at = ${inSixSeconds} where unit = $1 and owner = $2 and epoch = $3`,
      [UNIT, owner, epoch],
    );
    if (rowCount === 1) validUntil = askedAt + LEASE_MS - MARGIN_MS;
    return rowCount === 1;
  }

  async function keep(): Promise<void> {
    let waitMs = RENEW_EVERY_MS;
    for (;;) {
      await sleep(clock, waitMs, ended.signal);
      if (!isHeld()) return end();
      try {
        if (!(await renew())) return end();
        waitMs = RENEW_EVERY_MS;
      } catch {
        waitMs = RETRY_EVERY_MS;
      }
    }
  }

  /** Notices the end also while a renewal hangs. */
  async function watch(): Promise<void> {
    while (isHeld()) await sleep(clock, Math.max(1, validUntil - clock.monotonic()), ended.signal);
    end();
  }

  void keep();
  void watch();
  const begin = `begin; select 1 from leases where unit = '${UNIT}' and owner = '${owner}' and epoch = ${epoch}
    and ends_at > clock_timestamp() for share`;
  return {
    epoch,
    lost,
    isHeld,
    async begin(current) {
      if (!isHeld()) throw new LeaseLostError();
      const answers = (await current.query(begin)) as unknown as readonly { readonly rowCount: number | null }[];
      if (answers[1]?.rowCount !== 1) throw new LeaseLostError();
    },
    async release() {
      if (!ended.signal.aborted && !connection.isBroken)
        await connection
          .query('update leases set ends_at = clock_timestamp() where unit = $1 and owner = $2 and epoch = $3', [
            UNIT,
            owner,
            epoch,
          ])
          .catch(() => undefined);
      end();
      await connection.end();
    },
  };
}
