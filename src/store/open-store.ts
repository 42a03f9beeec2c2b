import { existsSync, realpathSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { systemClock } from '../time/clock.ts';
import { migrate, type SchemaChange } from './migrations.ts';
import type { Patience } from './patient-driver.ts';
import { keepPrivate, makePrivate } from './private-file.ts';
import { openSqlite, sqliteDialect } from './sqlite-dialect.ts';
import { LeftoverWalError, StoreError, StoreUnreadableError } from './store-errors.ts';
import type { Database, Tables } from './tables.ts';

export interface Store {
  readonly db: Database;
  readonly schema: SchemaChange;
  close(): Promise<void>;
}

/** For a command that runs alone and then exits. */
const alone: Patience = { clock: systemClock, hurry: new AbortController().signal, watch: null };

/** A migrated database without events, of which later stores in memory are copies: migrating takes fifty times as long. */
let migrated: { readonly image: Uint8Array; readonly schema: SchemaChange } | null = null;

/** Opens a SQLite file, or `:memory:`, and updates its schema. Throws a `StoreError` with advice for the operator. */
export async function openStore(file: string, patience: Patience = alone): Promise<Store> {
  let sqlite: DatabaseSync | undefined;
  try {
    // SQLite would take the log for an old one and delete it.
    if (sizeOf(file) === 0 && sizeOf(`${file}-wal`) > 0) throw new LeftoverWalError(file);
    sqlite = openPrivately(file);
    const opened = sqlite;
    const db: Database = new Kysely<Tables>({ dialect: sqliteDialect(opened, patience) });
    const schema = file === ':memory:' ? await fillMemory(opened, db) : await migrate(db, file);
    return { db, schema, close: () => db.destroy() };
  } catch (cause) {
    if (sqlite?.isOpen) sqlite.close();
    throw cause instanceof StoreError ? cause : new StoreUnreadableError(file, cause);
  }
}

async function fillMemory(sqlite: DatabaseSync, db: Database): Promise<SchemaChange> {
  if (migrated === null) {
    const schema = await migrate(db, ':memory:');
    migrated = { image: sqlite.serialize(), schema };
  } else sqlite.deserialize(migrated.image);
  return migrated.schema;
}

/** Opens a file in such a way that no other user of the machine can read or write it. */
function openPrivately(file: string): DatabaseSync {
  if (file === ':memory:') return openSqlite(file);
  makePrivate(file);
  const sqlite = openSqlite(file);
  const real = realpathSync(file);
  for (const each of [real, `${real}-wal`, `${real}-shm`]) keepPrivate(each);
  return sqlite;
}

/** Returns the size in bytes; 0 if the file does not exist. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Opens a store that `lookout run` has created. Throws a `StoreError` if it does not exist yet. */
export async function openExistingStore(file: string): Promise<Store> {
  if (!existsSync(file))
    throw new StoreError(`${file} does not exist yet: \`lookout run\` creates it at its first start`);
  return openStore(file);
}
