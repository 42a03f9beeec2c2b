import { Kysely } from 'kysely';
import { migrate } from '../migrations.ts';
import type { Store } from '../open-store.ts';
import type { Patience } from '../patient-driver.ts';
import { StoreError, StoreUnreadableError } from '../store-errors.ts';
import type { Database, Tables } from '../tables.ts';
import { describeAddress, type PostgresAddress } from './address.ts';
import type { Connection } from './connection.ts';
import { postgresDialect } from './dialect.ts';

export interface OpenPostgresOptions extends Patience {
  readonly address: PostgresAddress;
  /** Shown in `pg_stat_activity`. */
  readonly purpose: string;
  /** Begins a transaction. Throws if this process may not write any more. */
  readonly begin?: (connection: Connection) => Promise<void>;
}

/** Opens a database on a PostgreSQL server, and updates its schema. Throws a `StoreError` with advice for the operator. */
export async function openPostgres(options: OpenPostgresOptions): Promise<Store> {
  const name = describeAddress(options.address);
  const db: Database = new Kysely<Tables>({ dialect: postgresDialect({ begin: plainly, ...options }) });
  try {
    const schema = await migrate(db, name);
    return { db, schema, close: () => db.destroy() };
  } catch (cause) {
    await db.destroy();
    throw cause instanceof StoreError ? cause : new StoreUnreadableError(name, cause);
  }
}

async function plainly(connection: Connection): Promise<void> {
  await connection.query('begin');
}
