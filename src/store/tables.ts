import type { Kysely, Transaction } from 'kysely';
import type { Instant } from './tables/columns.ts';
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

/** One row: an instant by all clocks, from which the next process goes on (`clock/store-time.ts`). */
export interface StoreClockTable {
  readonly id: 1;
  readonly store_at: Instant;
  /** The wall clock, of the machine or of the PostgreSQL server. */
  readonly wall_at: Instant;
  /** The run of the machine, and the time since it began, ms; null: unknown. */
  readonly boot_id: string | null;
  readonly boot_ms: number | null;
  /** Ages of earlier instants are not known for certain. */
  readonly sure_since: Instant;
}

/** All tables, each in the file of its area. */
export interface Tables extends EncryptionTables, EventTables, OutboxTables, RoomTables, SourceTables {
  readonly command_changes: CommandChangesTable;
  readonly run_lock: RunLockTable;
  readonly store_clock: StoreClockTable;
}

export type Database = Kysely<Tables>;
/** Use this inside a transaction, never the database: a call of the database would wait for this transaction to end. */
export type Trx = Transaction<Tables>;
