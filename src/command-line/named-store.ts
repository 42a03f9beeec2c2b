import type { StoreConfig } from '../config/config.ts';
import { lookAtStoreClock } from '../store/clock/store-clock.ts';
import { openExisting } from '../store/open-place.ts';
import { placeOf } from '../store/place.ts';
import { asStoreError } from '../store/store-errors.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** The store of a configuration, and the file that names it. */
export interface NamedStore {
  readonly file: string;
  readonly store: StoreConfig;
  /** The clock of this machine. */
  readonly clock: Clock;
}

/** Runs a command on an existing store, even while `run` uses it. Exits with 1 for a store in memory. */
export async function withNamedStore(
  { file, store: config, clock }: NamedStore,
  terminal: Terminal,
  work: (db: Database, clock: Clock) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (config.kind === 'memory') {
    terminal.err(`${file}: \`store: memory\` keeps nothing after its process ends, so there is nothing to show\n`);
    return 1;
  }
  const store = await openExisting(config);
  try {
    return await work(store.db, await lookAtStoreClock({ db: store.db, clock }));
  } catch (err) {
    throw asStoreError(placeOf(config), err);
  } finally {
    await store.close();
  }
}
