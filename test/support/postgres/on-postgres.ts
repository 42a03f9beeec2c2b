import { inject, vi } from 'vitest';
import type * as openStoreModule from '../../../src/store/open-store.ts';
import { connect } from '../../../src/store/postgres/connection.ts';
import { openPostgres } from '../../../src/store/postgres/open-postgres.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { countStatements } from './statements.ts';

const at = { host: '127.0.0.1', port: inject('postgresPort'), user: 'lookout', password: null, ssl: false } as const;
let made = 0;

countStatements();

/** Opens a new database on the server wherever a test opens a store in memory. */
vi.mock('../../../src/store/open-store.ts', async (original) => {
  const real = await original<typeof openStoreModule>();
  return {
    ...real,
    openStore: async (file: string, patience?: Parameters<typeof real.openStore>[1]) => {
      if (file !== ':memory:') return real.openStore(file, patience);
      const database = `t_${process.pid}_${made++}`;
      await onServer(`create database ${database} template template_lookout`);
      const alone = { clock: systemClock, hurry: new AbortController().signal, watch: null };
      const store = await openPostgres({ ...(patience ?? alone), address: { ...at, database }, purpose: 'test' });
      return {
        ...store,
        async close() {
          await store.close();
          await onServer(`drop database if exists ${database} with (force)`);
        },
      };
    },
  };
});

async function onServer(sql: string): Promise<void> {
  const connection = await connect({ ...at, database: 'postgres' }, 'test');
  await connection.query(sql);
  await connection.end();
}
