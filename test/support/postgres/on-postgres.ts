import { vi } from 'vitest';
import type * as openStoreModule from '../../../src/store/open-store.ts';
import { openPostgres } from '../../../src/store/postgres/open-postgres.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { onServer, testServer } from './on-server.ts';
import { countStatements } from './statements.ts';

countStatements();

/** Opens a new database on the server wherever a test opens a store in memory. */
vi.mock('../../../src/store/open-store.ts', async (original) => {
  const real = await original<typeof openStoreModule>();
  return {
    ...real,
    openStore: async (file: string, patience?: Parameters<typeof real.openStore>[1]) => {
      if (file !== ':memory:') return real.openStore(file, patience);
      const database = `t_${process.pid}_${process.hrtime.bigint()}`;
      await onServer(`create database ${database} template template_lookout`);
      const alone = { clock: systemClock, hurry: new AbortController().signal, watch: null };
      const store = await openPostgres({
        ...(patience ?? alone),
        address: { ...testServer, database },
        purpose: 'test',
      });
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
