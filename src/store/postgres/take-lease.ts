import { randomUUID } from 'node:crypto';
import type { Log } from '../../log.ts';
import { sleep } from '../../time/clock.ts';
import { StoreUnreadableError } from '../store-errors.ts';
import { describeAddress, type PostgresAddress } from './address.ts';
import { type Connection, connect } from './connection.ts';
import { keepLease, type Lease, type LeaseOptions } from './lease.ts';
import { holderOf, makeTable, takeRow } from './lease-row.ts';

/** Interval at which a process that stands by asks, ms. */
const ASK_EVERY_MS = 1_000;

/** The process that has the lease: `machine:process`. */
export interface TakenByOther {
  readonly heldBy: string;
}

/** Takes the lease if it is free. Throws a `StoreError` if the server cannot be reached. */
export async function takeLease(options: LeaseOptions): Promise<Lease | TakenByOther> {
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

export interface WaitOptions extends LeaseOptions {
  readonly log: Log;
  /** True at the start of a process: a server that cannot be reached is then an error. Later it is tried again and again. */
  readonly isFirst: boolean;
}

/**
 * Waits until this process has the lease; null if `signal` is aborted before. Throws a `StoreError` if the server cannot be
 * reached at the start of the process.
 */
export async function waitForLease(options: WaitOptions, signal: AbortSignal): Promise<Lease | null> {
  const { address, clock, log } = options;
  const owner = randomUUID();
  let connection = options.isFirst ? await connectOrExplain(address) : null;
  /** The holder that was told last; empty: that the database does not answer. */
  let told: string | null = null;
  while (!signal.aborted) {
    try {
      if (connection === null || connection.isBroken) connection = await connect(address, 'lease');
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
  await connection?.end();
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

/** The row is locked only to take it, since the transactions of its holder share it. */
async function ask(options: LeaseOptions, connection: Connection, owner: string): Promise<Lease | TakenByOther> {
  const heldBy = await holderOf(connection);
  if (heldBy !== null) return { heldBy };
  const { clock } = options;
  const from = clock.monotonic();
  const taken = await takeRow(connection, owner);
  if (taken === null) return { heldBy: 'another process' };
  const { epoch, now } = taken;
  return keepLease({
    ...options,
    connection,
    held: { owner, epoch },
    asked: { from, until: clock.monotonic() },
    now,
  });
}
