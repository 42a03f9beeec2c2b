import type { EncryptionChanges } from '../../../store/encryption-state.ts';
import {
  cursorMethods,
  type IdbCursor,
  type IdbObjectStore,
  type IdbRequest,
  type IdbTransaction,
  objectStoreMethods,
  onlyKeyOf,
} from './indexed-db.ts';

/** One change of a record, by the transaction that makes it. */
type Change =
  | { readonly kind: 'put'; readonly store: string; readonly key: () => unknown; readonly value: unknown }
  | { readonly kind: 'delete'; readonly store: string; readonly key: unknown }
  | { readonly kind: 'clear'; readonly store: string };

/** The changes of one database that were not taken over yet. */
type Noted = Pick<EncryptionChanges, 'emptied' | 'records'>;

/** The journals of the process, by the name of their database. */
const journals = new Map<string, Journal>();
/** The changes of transactions that are not complete yet. */
const open = new WeakMap<IdbTransaction, Change[]>();
let isHooked = false;

/**
 * Collects the committed changes of one IndexedDB database, so that they can be written elsewhere in one transaction with
 * what belongs to them. Changes of its schema are not noted.
 */
export class Journal {
  /** The name under which the changes are written. */
  readonly name: string;
  readonly #database: string;
  /** JSON of store and key -> JSON of the value; null: deleted. */
  readonly #dirty = new Map<string, string | null>();
  readonly #emptied = new Set<string>();

  constructor(database: string, name: string) {
    this.#database = database;
    this.name = name;
    hook();
    journals.set(database, this);
  }

  get isEmpty(): boolean {
    return this.#dirty.size === 0 && this.#emptied.size === 0;
  }

  /** Returns the changes since they were last taken over. They stay noted: a write that fails loses nothing. */
  noted(): Noted {
    const records = [...this.#dirty].map(([place, value]) => ({ ...placeOf(place), value, database: this.name }));
    return { emptied: [...this.#emptied].map((store) => ({ database: this.name, store })), records };
  }

  /** Forgets changes that were written, except where something changed again. */
  taken({ emptied, records }: Noted): void {
    for (const { database, store, key, value } of records) {
      const place = nameOf(store, key);
      if (database === this.name && this.#dirty.get(place) === value) this.#dirty.delete(place);
    }
    for (const { database, store } of emptied) if (database === this.name) this.#emptied.delete(store);
  }

  /** Forgets all, since the whole database was written. */
  forget(): void {
    this.#dirty.clear();
    this.#emptied.clear();
  }

  /** No changes are noted any more. */
  end(): void {
    journals.delete(this.#database);
  }

  /** Notes the changes of a complete transaction. */
  committed(changes: readonly Change[]): void {
    for (const change of changes) {
      switch (change.kind) {
        case 'clear':
          this.#emptied.add(change.store);
          for (const place of [...this.#dirty.keys()])
            if (placeOf(place).store === change.store) this.#dirty.delete(place);
          break;
        case 'put':
          this.#dirty.set(nameOf(change.store, JSON.stringify(change.key())), JSON.stringify(change.value));
          break;
        case 'delete':
          this.#dirty.set(nameOf(change.store, JSON.stringify(change.key)), null);
          break;
        default:
          change satisfies never;
      }
    }
  }
}

const nameOf = (store: string, key: string): string => JSON.stringify([store, key]);

function placeOf(name: string): { readonly store: string; readonly key: string } {
  const [store, key] = JSON.parse(name) as [string, string];
  return { store, key };
}

function note(transaction: IdbTransaction, change: Change): void {
  const journal = journals.get(transaction.db.name);
  // A changed schema is noticed by its version, and then the whole database is written.
  if (journal === undefined || transaction.mode === 'versionchange') return;
  const changes = open.get(transaction);
  if (changes !== undefined) {
    changes.push(change);
    return;
  }
  const first = [change];
  open.set(transaction, first);
  // An aborted transaction changed nothing.
  transaction.addEventListener('complete', () => journal.committed(first));
}

/** Watches the methods by which records change. */
function hook(): void {
  if (isHooked) return;
  isHooked = true;
  for (const method of ['put', 'add'] as const) {
    const real = objectStoreMethods[method];
    objectStoreMethods[method] = function (this: IdbObjectStore, value: unknown, ...key: unknown[]): IdbRequest {
      const request = Reflect.apply(real, this, [value, ...key]) as IdbRequest;
      // The library may change the object after the call.
      const kept = structuredClone(value);
      note(this.transaction, { kind: 'put', store: this.name, key: () => request.result, value: kept });
      return request;
    };
  }
  hookDeletions();
  hookCursors();
}

function hookDeletions(): void {
  const { delete: realDelete, clear: realClear } = objectStoreMethods;
  objectStoreMethods.delete = function (this: IdbObjectStore, keyOrRange: unknown): IdbRequest {
    const only = onlyKeyOf(keyOrRange);
    if (only === null) throw new Error(`deleting a range of ${this.name} cannot be kept`);
    const request = realDelete.call(this, keyOrRange);
    note(this.transaction, { kind: 'delete', store: this.name, key: only.key });
    return request;
  };
  objectStoreMethods.clear = function (this: IdbObjectStore): IdbRequest {
    const request = realClear.call(this);
    note(this.transaction, { kind: 'clear', store: this.name });
    return request;
  };
}

function hookCursors(): void {
  const { update: realUpdate, delete: realDelete } = cursorMethods;
  cursorMethods.update = function (this: IdbCursor, value: unknown): IdbRequest {
    const key = this.primaryKey;
    const request = realUpdate.call(this, value);
    const store = storeOf(this);
    note(store.transaction, { kind: 'put', store: store.name, key: () => key, value: structuredClone(value) });
    return request;
  };
  cursorMethods.delete = function (this: IdbCursor): IdbRequest {
    const key = this.primaryKey;
    const request = realDelete.call(this);
    const store = storeOf(this);
    note(store.transaction, { kind: 'delete', store: store.name, key });
    return request;
  };
}

const storeOf = ({ source }: IdbCursor): IdbObjectStore => ('objectStore' in source ? source.objectStore : source);
