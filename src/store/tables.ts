import type { Kysely, Transaction } from 'kysely';
import type { EncryptionTables } from './tables/encryption.ts';
import type { EventTables } from './tables/events.ts';
import type { OutboxTables } from './tables/outbox.ts';
import type { RoomTables } from './tables/rooms.ts';
import type { SourceTables } from './tables/sources.ts';

/** The `lookout run` that uses the database; no row: none. */
export interface RunLockTable {
  /** The token in its lock file. */
  readonly token: number;
  /** Its process id. */
  readonly process: number;
}

/** The process that works on a PostgreSQL database; the others stand by. */
export interface LeasesTable {
  /** The part of the work that it is about. */
  readonly unit: string;
  /** A random text that no other process has. */
  readonly owner: string;
  /** The machine and the process id, for people. */
  readonly holder: string;
  /** Rises with each change of hands. A write that names an older one fails. */
  readonly epoch: number;
  /** By the clock of the server. */
  readonly ends_at: Date;
}

/** One row: the number of transactions of commands from the shell (PostgreSQL). */
export interface CommandChangesTable {
  readonly version: number;
}

/** All tables, each in the file of its area. */
export interface Tables extends EncryptionTables, EventTables, OutboxTables, RoomTables, SourceTables {
  readonly command_changes: CommandChangesTable;
  readonly leases: LeasesTable;
  readonly run_lock: RunLockTable;
}

export type Database = Kysely<Tables>;
/** Use this inside a transaction, never the database: a call of the database would wait for this transaction to end. */
export type Trx = Transaction<Tables>;
