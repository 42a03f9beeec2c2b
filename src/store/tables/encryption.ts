import type { Instant, JsonText } from './columns.ts';

/** One IndexedDB database of a device's encryption, which is kept here. */
export interface EncryptionDatabasesTable {
  readonly account: string;
  readonly device: string;
  /** The library's name of it: `matrix-sdk-crypto`. */
  readonly name: string;
  /** `DatabaseSchema` */
  readonly schema: JsonText;
}

/** One record of such a database. */
export interface EncryptionRecordsTable {
  readonly account: string;
  readonly device: string;
  readonly database: string;
  /** The object store that it is in. */
  readonly collection: string;
  readonly key: JsonText;
  /** Encrypted by the library if the configuration has a key for the store. */
  readonly value: JsonText;
  readonly written_at: Instant;
}

/** The private keys that sign the devices of an account, so that its next device is signed, too. */
export interface EncryptionIdentitiesTable {
  readonly account: string;
  /** Encrypted if the configuration has a key for the store. */
  readonly seeds: string;
}

/** A room in which encryption was seen. It is never switched off again, so the row stays. */
export interface EncryptedRoomsTable {
  readonly account: string;
  readonly room: string;
  /** The content of its `m.room.encryption`. */
  readonly content: JsonText;
}

/** A message of ours was encrypted with this index of a session's key. No other one may be. */
export interface SealedIndicesTable {
  readonly session: string;
  readonly message_index: number;
  readonly at: Instant;
}

/** The event that was read with this index of a session's key. Another event with it is a repetition by somebody else. */
export interface ReadIndicesTable {
  readonly session: string;
  readonly message_index: number;
  readonly event: string;
  readonly at: Instant;
}

/** End-to-end encryption. */
export interface EncryptionTables {
  readonly encryption_databases: EncryptionDatabasesTable;
  readonly encryption_records: EncryptionRecordsTable;
  readonly encryption_identities: EncryptionIdentitiesTable;
  readonly encrypted_rooms: EncryptedRoomsTable;
  readonly sealed_indices: SealedIndicesTable;
  readonly read_indices: ReadIndicesTable;
}
