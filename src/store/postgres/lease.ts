import { createBell } from '../../time/bell.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { steadyClock } from '../../time/steady-clock.ts';
import type { Json } from '../../words.ts';
import type { PostgresAddress } from './address.ts';
import type { Begin } from './commit.ts';
import { type Connection, connect } from './connection.ts';
import { LeaseLostError } from './errors.ts';
import { beginUnder, endRow, type Held, LEASE_MS, renewRow, shareRow } from './lease-row.ts';

/** Interval between two renewals, ms. */
const RENEW_EVERY_MS = 2_000;
/** The same after one that failed, ms. */
const RETRY_EVERY_MS = 250;
/**
 * Time before the end of the lease at which its holder stops, ms: more than the sleep of a machine that its monotonic clock may
 * leave out (`time/counting-sleep`), a second.
 */
const MARGIN_MS = 1_500;
/**
 * Difference to the server's clock that is left as it is, ms: an answer may take longer on its way back than on its way there, and
 * time must not jump to and fro.
 */
const LARGEST_ERROR_MS = 100;

/** The right to work on a unit of a database, which no other process has meanwhile. */
export interface Lease {
  readonly unit: string;
  /** Rises with each change of hands. */
  readonly epoch: number;
  /** Resolves when the lease is lost. */
  readonly lost: Promise<void>;
  /** Its wall clock is that of the server, which all machines share; it goes on by our monotonic clock between two renewals. */
  readonly clock: Clock;
  /** Returns false from some time before its end on, by the monotonic clock. */
  isHeld(): boolean;
  /** Begins a transaction that is refused if another process holds the lease. Throws `LeaseLostError`. */
  readonly begin: Begin;
  /** Makes sure, right before the commit of a long transaction, that it is held still. Throws `LeaseLostError`. */
  confirm(connection: Connection): Promise<void>;
  /** Writes down facts about the unit at once, and with each renewal, for other processes. */
  tell(facts: () => Json): void;
  /** Gives it to the next one at once. Nothing may be written after this. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly address: PostgresAddress;
  readonly clock: Clock;
}

export interface TakenLease extends LeaseOptions {
  readonly connection: Connection;
  readonly held: Held;
  /** The monotonic time before the request for it was sent, ms. */
  readonly askedAt: number;
  /** Time by which the server's clock is ahead of our monotonic one, ms. */
  readonly serverAheadMs: number;
}

/** Keeps a lease that was just taken, until it is lost or given away. */
export function keepLease({ address, clock, held, askedAt, serverAheadMs, ...taken }: TakenLease): Lease {
  let { connection } = taken;
  let validUntil = askedAt + LEASE_MS - MARGIN_MS;
  let ahead = serverAheadMs;
  let factsOf: () => Json = () => null;
  const bell = createBell(clock);
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  const ended = new AbortController();
  const end = () => {
    ended.abort();
    lose();
  };
  const isHeld = () => {
    // Once over it stays so, even if the answer to a renewal comes after this: a write was refused, or a send.
    if (!ended.signal.aborted && clock.monotonic() >= validUntil) end();
    return !ended.signal.aborted;
  };

  /** Returns false if another process has it. Throws if the server does not answer. */
  async function renew(): Promise<boolean> {
    const from = clock.monotonic();
    if (connection.isBroken) connection = await connect(address, 'lease');
    // It was given away meanwhile.
    if (ended.signal.aborted) {
      await connection.end();
      return false;
    }
    const serverNow = await renewRow(connection, held, factsOf());
    if (serverNow === null) return false;
    validUntil = from + LEASE_MS - MARGIN_MS;
    const aheadNow = serverNow - (from + clock.monotonic()) / 2;
    if (Math.abs(aheadNow - ahead) > LARGEST_ERROR_MS) ahead = aheadNow;
    return true;
  }

  async function keep(): Promise<void> {
    for (let waitMs = RENEW_EVERY_MS; ; ) {
      await bell.wait(waitMs, ended.signal);
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
  return {
    unit: held.unit,
    epoch: held.epoch,
    lost,
    // Another machine may go on with it.
    clock: steadyClock({ ...clock, wall: () => Math.round(clock.monotonic() + ahead), boot: () => null }),
    isHeld,
    async begin(current) {
      const id = isHeld() ? await beginUnder(current, held) : null;
      if (id !== null) return id;
      // A virtual machine whose clock its host paused with it learns it here.
      end();
      throw new LeaseLostError();
    },
    async confirm(current) {
      if (!isHeld() || !(await shareRow(current, held))) throw new LeaseLostError();
    },
    tell(facts) {
      factsOf = facts;
      bell.ring();
    },
    async release() {
      // A lease that could not be ended is over in some seconds.
      const wasHeld = !ended.signal.aborted;
      // First, so that no renewal follows.
      end();
      if (wasHeld && !connection.isBroken) await endRow(connection, held).catch(() => undefined);
      await connection.end();
    },
  };
}
