import { inject } from 'vitest';
import { connect } from '../../../src/store/postgres/connection.ts';

/** The server of the project's tests, without the name of a database. */
export const testServer = {
  host: '127.0.0.1',
  port: inject('postgresPort'),
  user: 'lookout',
  password: null,
  ssl: false,
} as const;

/** Runs a statement on the server. */
export async function onServer(sql: string): Promise<void> {
  const connection = await connect({ ...testServer, database: 'postgres' }, 'test');
  await connection.query(sql);
  await connection.end();
}
