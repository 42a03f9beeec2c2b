import type { StoreConfig } from '../config/config.ts';
import { openExisting } from '../store/open-place.ts';
import { placeOf } from '../store/place.ts';
import { asStoreError } from '../store/store-errors.ts';
import type { Database } from '../store/tables.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** The store of a configuration, and the file that names it. */
export interface NamedStore {
  readonly file: string;
  readonly store: StoreConfig;
}

/** Runs a command on an existing store, even while `run` uses it. Exits with 1 for a store in memory. */
export async function withNamedStore(
  { file, store: config }: NamedStore,
  terminal: Terminal,
  work: (db: Database) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (config.kind === 'memory') {
    terminal.err(`${file}: \`store: memory\` keeps nothing after its process ends, so there is nothing to show\n`);
    return 1;
  }
  const store = await openExisting(config);
  try {
    return await work(store.db);
  } catch (err) {
    throw asStoreError(placeOf(config), err);
  } finally {
    await store.close();
  }
}
