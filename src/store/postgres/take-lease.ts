import { randomUUID } from 'node:crypto';
import { StoreUnreadableError } from '../store-errors.ts';
import { describeAddress, type PostgresAddress } from './address.ts';
import { type Connection, connect } from './connection.ts';
import { keepLease, type Lease, type LeaseOptions } from './lease.ts';
import { type HeldBy, makeTables, readServerClock, takeRow } from './lease-row.ts';
import { everythingUnit } from './unit-names.ts';

export interface TakeOptions extends LeaseOptions {
  /** Default: everything. */
  readonly unit?: string;
  /** A random text that no other process has; default: a new one. */
  readonly owner?: string;
}

/** Takes the lease of a unit if it is free. Throws a `StoreError` if the server cannot be reached. */
export async function takeLease(options: TakeOptions): Promise<Lease | HeldBy> {
  const connection = await connectOrExplain(options.address);
  try {
    const taken = await ask(options, connection);
    if ('heldBy' in taken) await connection.end();
    return taken;
  } catch (err) {
    await connection.end();
    throw new StoreUnreadableError(describeAddress(options.address), err);
  }
}

/** Connects for leases, and makes their tables. Throws a `StoreError` if the server cannot be reached. */
export async function connectOrExplain(address: PostgresAddress): Promise<Connection> {
  try {
    const connection = await connect(address, 'lease');
    await makeTables(connection);
    return connection;
  } catch (err) {
    throw new StoreUnreadableError(describeAddress(address), err);
  }
}

async function ask(
  { unit = everythingUnit, owner = randomUUID(), ...options }: TakeOptions,
  connection: Connection,
): Promise<Lease | HeldBy> {
  const { clock } = options;
  const from = clock.monotonic();
  const taken = await takeRow(connection, { unit, owner });
  if ('heldBy' in taken) return taken;
  const { epoch } = taken;
  // Taking it may have waited for locks; this answer does not.
  const clockAskedAt = clock.monotonic();
  const now = await readServerClock(connection);
  const serverAheadMs = now - (clockAskedAt + clock.monotonic()) / 2;
  return keepLease({ ...options, connection, held: { unit, owner, epoch }, askedAt: from, serverAheadMs });
}
