import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, vi } from 'vitest';
import type * as openStoreModule from '../../../src/store/open-store.ts';
import { folderOfStore, removeFolders } from './folders.ts';

/** A migrated database without rows; null before the first store. */
let template: Uint8Array | null = null;

afterAll(removeFolders);

/** Opens a new database file wherever a test opens a store in memory. */
vi.mock('../../../src/store/open-store.ts', async (original) => {
  const real = await original<typeof openStoreModule>();
  async function makeTemplate(): Promise<Uint8Array> {
    const file = join(folderOfStore(), 'template.db');
    await (await real.openStore(file)).close();
    return readFileSync(file);
  }
  return {
    ...real,
    openStore: async (file: string, patience?: Parameters<typeof real.openStore>[1]) => {
      if (file !== ':memory:') return real.openStore(file, patience);
      template ??= await makeTemplate();
      const own = join(folderOfStore(), 'lookout.db');
      writeFileSync(own, template);
      const store = await real.openStore(own, patience);
      const { rows } = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(store.db);
      if (rows[0]?.journal_mode !== 'wal') throw new Error('the store has no write-ahead log');
      return store;
    },
  };
});
