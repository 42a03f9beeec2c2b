import { randomUUID } from 'node:crypto';
import type { OlmMachine, StoreHandle, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Device, EncryptionChanges, KeptDatabase } from '../../../store/encryption-state.ts';
import { troubleOf } from '../../../store/trouble.ts';
import type { Clock } from '../../../time/clock.ts';
import type { EncryptionStore, EncryptionWrite } from '../../platform.ts';
import { printable } from '../printable.ts';
import { deleteDatabase, indexedDb } from './indexed-db.ts';
import { Journal } from './journal.ts';
import { type CryptoLibrary, loadLibrary } from './library.ts';
import { makeDatabase, readDatabase } from './snapshot.ts';
import { isUser } from './well-shaped.ts';

export interface MachineOptions {
  readonly device: Device;
  readonly store: EncryptionStore;
  /** 32 bytes that encrypt what is kept; null: it is kept as it is. */
  readonly key: Uint8Array | null;
  readonly clock: Clock;
  /** Ends the process: its memory is of no use any more, and what is kept is whole. */
  readonly end: (reason: string) => void;
}

/** The databases of the library: the key of the store, if there is one, and everything else. */
const metaDatabase = 'matrix-sdk-crypto-meta';
const mainDatabase = 'matrix-sdk-crypto';

/** The longest time for one call of the library, ms. A call that panicked never ends. */
const longestCallMs = 120_000;

/** The state that is kept cannot be opened; the message says what to do. */
export class KeptStateError extends Error {}

/** The encryption of one device: the library's machine, and what is kept of it. */
export class Machine {
  readonly library: CryptoLibrary;
  readonly device: Device;
  /** True if nothing was kept of it. */
  readonly isFresh: boolean;
  /** True if it is kept without encryption. */
  readonly isPlain: boolean;
  readonly #olm: OlmMachine;
  readonly #options: MachineOptions;
  readonly #journals: readonly Journal[];
  readonly #prefix: string;

  private constructor(
    options: MachineOptions,
    parts: {
      readonly library: CryptoLibrary;
      readonly olm: OlmMachine;
      readonly journals: readonly Journal[];
      readonly prefix: string;
      readonly isFresh: boolean;
      readonly isPlain: boolean;
    },
  ) {
    this.#options = options;
    this.device = options.device;
    this.library = parts.library;
    this.isFresh = parts.isFresh;
    this.isPlain = parts.isPlain;
    this.#olm = parts.olm;
    this.#journals = parts.journals;
    this.#prefix = parts.prefix;
  }

  /** Opens what is kept of the device, or begins anew. Throws `KeptStateError` for a state that does not fit the key. */
  static async open(options: MachineOptions): Promise<Machine> {
    const { device, store } = options;
    const [library, kept] = await Promise.all([loadLibrary(), store.load(device)]);
    const key = keyFor(kept, options.key);
    // Names are of the whole process: another account, or a later login, has its own.
    const prefix = `lookout-${randomUUID()}`;
    const journals = [metaDatabase, mainDatabase].map((name) => new Journal(`${prefix}::${name}`, name));
    try {
      for (const database of kept) await makeDatabase(`${prefix}::${database.name}`, database);
      const handle = await openHandle(library, prefix, key);
      const user = new library.UserId(device.account);
      const olm = await library.OlmMachine.initFromStore(user, new library.DeviceId(device.device), handle);
      handle.free();
      olm.roomKeyRequestsEnabled = false;
      const is = { isFresh: kept.length === 0, isPlain: key === null };
      const machine = new Machine(options, { library, olm, journals, prefix, ...is });
      await machine.#keepSchemas(kept);
      await machine.commit();
      return machine;
    } catch (err) {
      await forget(journals, prefix);
      if (err instanceof KeptStateError || troubleOf(err) !== null) throw err;
      const reason = err instanceof Error ? err.message : String(err);
      throw new KeptStateError(`the keys in the store cannot be opened: ${printable(reason)}`, { cause: err });
    }
  }

  /** Calls the library. Ends the process if it does not answer. */
  async call<T>(what: string, run: (olm: OlmMachine, library: CryptoLibrary) => Promise<T>): Promise<T> {
    const { clock, end } = this.#options;
    const cancel = clock.after(longestCallMs, () => end(`the encryption library did not answer to ${what}`));
    try {
      return await run(this.#olm, this.library);
    } finally {
      cancel();
    }
  }

  /** Returns ids for a call, which consumes them. What is not an id is left out: rooms of old versions may have such members. */
  users(ids: readonly string[]): UserId[] {
    return ids.filter(isUser).flatMap((id) => {
      try {
        return [new this.library.UserId(id)];
      } catch {
        return [];
      }
    });
  }

  /** Returns everything that changed and is not kept yet. */
  changes(): EncryptionChanges {
    const noted = this.#journals.map((journal) => journal.noted());
    return {
      device: this.device,
      emptied: noted.flatMap((each) => each.emptied),
      records: noted.flatMap((each) => each.records),
    };
  }

  /** Notes that changes are kept. */
  kept(changes: EncryptionChanges): void {
    for (const journal of this.#journals) journal.taken(changes);
  }

  /** Keeps everything that changed, together with `also`. Does nothing if there is nothing. */
  async commit(also: EncryptionWrite = {}): Promise<void> {
    if (this.#journals.every((journal) => journal.isEmpty) && Object.keys(also).length === 0) return;
    let written: EncryptionChanges | null = null;
    await this.#options.store.write(() => {
      written = this.changes();
      return written;
    }, also);
    if (written !== null) this.kept(written);
  }

  async close(): Promise<void> {
    this.#olm.close();
    await forget(this.#journals, this.#prefix);
  }

  /** Keeps databases whole whose schema is new: at the first start, and after an upgrade of the library. */
  async #keepSchemas(kept: readonly KeptDatabase[]): Promise<void> {
    const changed: KeptDatabase[] = [];
    for (const { name: database, version } of await indexedDb.databases()) {
      const [prefix, name = ''] = (database ?? '').split('::');
      if (prefix !== this.#prefix) continue;
      if (kept.find((each) => each.name === name)?.schema.version === version) continue;
      changed.push({ name, ...(await readDatabase(`${prefix}::${name}`)) });
    }
    if (changed.length === 0) return;
    await this.#options.store.replace(this.device, changed);
    for (const journal of this.#journals) if (changed.some(({ name }) => name === journal.name)) journal.forget();
  }
}

/** Forgets databases in memory. */
async function forget(journals: readonly Journal[], prefix: string): Promise<void> {
  for (const journal of journals) journal.end();
  await Promise.all(journals.map(({ name }) => deleteDatabase(`${prefix}::${name}`)));
}

/** Returns the key that opens what is kept. The library cannot encrypt it later: a key that was added since is of no use for it. */
function keyFor(kept: readonly KeptDatabase[], key: Uint8Array | null): Uint8Array | null {
  if (kept.length === 0) return key;
  if (!kept.some(({ name }) => name === metaDatabase)) return null;
  if (key === null)
    throw new KeptStateError('the store holds its keys encrypted: give chats.matrix.store_key as it was');
  return key;
}

async function openHandle(library: CryptoLibrary, prefix: string, key: Uint8Array | null): Promise<StoreHandle> {
  if (key === null) return library.StoreHandle.open(prefix, undefined);
  try {
    return await library.StoreHandle.openWithKey(prefix, key);
  } catch (cause) {
    throw new KeptStateError('chats.matrix.store_key is not the key that the store was encrypted with', { cause });
  }
}
