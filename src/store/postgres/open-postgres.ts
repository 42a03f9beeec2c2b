import { Kysely, sql } from 'kysely';
import { migrate, migrations } from '../migrations.ts';
import type { Store } from '../open-store.ts';
import type { Patience } from '../patient-driver.ts';
import { NewerDatabaseError, StoreError, StoreUnreadableError } from '../store-errors.ts';
import type { Database, Tables } from '../tables.ts';
import { describeAddress, type PostgresAddress } from './address.ts';
import { type Begin, beginWith, transactionId } from './commit.ts';
import type { Connection } from './connection.ts';
import { postgresDialect } from './dialect.ts';

export interface OpenPostgresOptions extends Patience {
  readonly address: PostgresAddress;
  /** Shown in `pg_stat_activity`. */
  readonly purpose: string;
  readonly begin?: Begin;
}

/** Opens a database on a PostgreSQL server, and updates its schema. Throws a `StoreError` with advice for the operator. */
export async function openPostgres(options: OpenPostgresOptions): Promise<Store> {
  const name = describeAddress(options.address);
  return opened(options, (db) => migrate(db, name));
}

/**
 * Opens a database that another process may be working on: its schema stays as it is, and each transaction tells that process
 * of the change. Throws a `StoreError` if the schema is not this version's.
 */
export async function openBesideRunning(options: Omit<OpenPostgresOptions, 'purpose' | 'begin'>): Promise<Store> {
  const name = describeAddress(options.address);
  const begin = (connection: Connection) =>
    beginWith(connection, `update command_changes set version = version + 1 returning ${transactionId}`);
  return opened({ ...options, purpose: 'command', begin }, async (db) => {
    const now = migrations.at(-1)?.name ?? '';
    const { rows } = await sql<{ is_there: boolean }>`
      select to_regclass('kysely_migration') is not null as is_there`.execute(db);
    if (rows[0]?.is_there !== true)
      throw new StoreError(`${name} has no tables yet: \`lookout run\` creates them at its first start`);
    const done = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
    const names = done.rows.map((row) => row.name);
    const unknown = names.filter((each) => !migrations.some((known) => known.name === each));
    if (unknown.length > 0) throw new NewerDatabaseError(name, unknown);
    if (names.length < migrations.length)
      throw new StoreError(`${name} is of an older Lookout: start \`lookout run\` of this version, which updates it`);
    return { before: now, now };
  });
}

async function opened(options: OpenPostgresOptions, check: (db: Database) => Promise<Store['schema']>): Promise<Store> {
  const db: Database = new Kysely<Tables>({
    dialect: postgresDialect({ begin: (connection) => beginWith(connection), ...options }),
  });
  try {
    const schema = await check(db);
    return { db, schema, close: () => db.destroy() };
  } catch (cause) {
    await db.destroy();
    throw cause instanceof StoreError ? cause : new StoreUnreadableError(describeAddress(options.address), cause);
  }
}
