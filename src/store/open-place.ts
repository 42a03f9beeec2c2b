import { systemClock } from '../time/clock.ts';
import { lockStore } from './lock.ts';
import { openExistingStore, openStore, type Store } from './open-store.ts';
import type { Patience } from './patient-driver.ts';
import { placeOf, type StorePlace } from './place.ts';
import type { Lease } from './postgres/lease.ts';
import { StoreInUseError } from './store-errors.ts';

/** For a command that runs alone and then exits. */
const alone: Patience = { clock: systemClock, hurry: new AbortController().signal, watch: null };

/** Opens a store that `lookout run` has created, also while it runs. Throws a `StoreError` if it does not exist yet. */
export async function openExisting(place: StorePlace): Promise<Store> {
  if (place.kind === 'sqlite') return openExistingStore(place.file);
  const { openBesideRunning } = await import('./postgres/open-postgres.ts');
  return openBesideRunning({ ...alone, address: place.address });
}

export interface HoldOptions {
  readonly patience?: Patience;
  /** The lease on a PostgreSQL database, if this process has it already. */
  readonly lease?: Lease | null;
  /** Called when the end of the hold could not be written. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Opens a store of which no other process works on, until it is closed, and updates its schema. Throws a `StoreError` if
 * another one does, or if the store cannot be used.
 */
export function openHeld(place: StorePlace, options: HoldOptions = {}): Promise<Store> {
  return place.kind === 'sqlite' ? openLocked(place.file, options) : openLeased(place, options);
}

async function openLocked(file: string, { patience = alone, onFailure }: HoldOptions): Promise<Store> {
  const lock = lockStore(file);
  try {
    const store = await openStore(file, patience);
    try {
      await lock.register(store.db);
    } catch (err) {
      await store.close();
      throw err;
    }
    return {
      ...store,
      async close() {
        await lock.strikeOff(store.db).catch((err) => onFailure?.(err));
        await store.close();
        lock.release();
      },
    };
  } catch (err) {
    lock.release();
    throw err;
  }
}

type OnServer = Extract<StorePlace, { kind: 'postgres' }>;

async function openLeased(place: OnServer, { patience = alone, lease: known }: HoldOptions): Promise<Store> {
  const { address } = place;
  const { takeLease } = await import('./postgres/take-lease.ts');
  const { openPostgres } = await import('./postgres/open-postgres.ts');
  const taken = known ?? (await takeLease({ address, clock: patience.clock }));
  if ('heldBy' in taken) throw new StoreInUseError(placeOf(place), taken.heldBy);
  try {
    const store = await openPostgres({ ...patience, address, purpose: 'work', begin: taken.begin });
    return {
      ...store,
      async close() {
        await store.close();
        await taken.release();
      },
    };
  } catch (err) {
    await taken.release();
    throw err;
  }
}
