import { inject } from 'vitest';
import type { PostgresAddress } from '../../../src/store/postgres/address.ts';
import { connect } from '../../../src/store/postgres/connection.ts';

/** The server of the project's tests, without the name of a database. */
export const testServer: Omit<PostgresAddress, 'database'> = {
  ...{ host: '127.0.0.1', port: inject('postgresPort'), user: 'lookout', password: null },
  ssl: false,
};

/** Runs a statement on the server. */
export async function onServer(sql: string): Promise<void> {
  const connection = await connect({ ...testServer, database: 'postgres' }, 'test');
  await connection.query(sql);
  await connection.end();
}
