import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { migrate } from './migrations.ts';
import { openSqlite, sqliteDialect } from './sqlite-dialect.ts';
import { StoreError, StoreUnreadableError } from './store-errors.ts';
import type { Database, Tables } from './tables.ts';

export interface Store {
  readonly db: Database;
  close(): Promise<void>;
}

/** Opens a SQLite file, or `:memory:`, and brings its schema up to date. Throws a `StoreError` that a human can act on. */
export async function openStore(file: string): Promise<Store> {
  let sqlite: DatabaseSync | undefined;
  try {
    sqlite = openSqlite(file);
    const opened = sqlite;
    const db: Database = new Kysely<Tables>({ dialect: sqliteDialect(opened) });
    await migrate(db, file);
    return { db, close: () => db.destroy() };
  } catch (cause) {
    if (sqlite?.isOpen) sqlite.close();
    throw cause instanceof StoreError ? cause : new StoreUnreadableError(file, cause);
  }
}

/** Opens a store that a `lookout run` has made. Throws a `StoreError` where there is none yet. */
export async function openExistingStore(file: string): Promise<Store> {
  if (!existsSync(file))
    throw new StoreError(`${file} does not exist yet: \`lookout run\` makes it at its first start`);
  return openStore(file);
}
