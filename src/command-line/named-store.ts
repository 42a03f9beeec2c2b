import type { StoreConfig } from '../config/config.ts';
import { openExistingStore } from '../store/open-store.ts';
import { asStoreError } from '../store/store-errors.ts';
import type { Database } from '../store/tables.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** The store of a configuration, and the file that names it. */
export interface NamedStore {
  readonly file: string;
  readonly store: StoreConfig;
}

/** Works on a store that is there, also while `run` has it; exit 1 for one that keeps nothing. */
export async function withNamedStore(
  { file, store: config }: NamedStore,
  terminal: Terminal,
  work: (db: Database) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (config.kind === 'memory') {
    terminal.err(`${file}: \`store: memory\` keeps nothing beyond its process: there is nothing to look at\n`);
    return 1;
  }
  const store = await openExistingStore(config.file);
  try {
    return await work(store.db);
  } catch (err) {
    throw asStoreError(config.file, err);
  } finally {
    await store.close();
  }
}
