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

/** One row: the number of transactions of commands from the shell (PostgreSQL). */
export interface CommandChangesTable {
  readonly version: number;
}

/** All tables, each in the file of its area. */
export interface Tables extends EncryptionTables, EventTables, OutboxTables, RoomTables, SourceTables {
  readonly command_changes: CommandChangesTable;
  readonly run_lock: RunLockTable;
}

export type Database = Kysely<Tables>;
/** Use this inside a transaction, never the database: a call of the database would wait for this transaction to end. */
export type Trx = Transaction<Tables>;
