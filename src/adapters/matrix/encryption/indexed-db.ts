import * as fake from 'fake-indexeddb';

/** The parts of IndexedDB that are used here (https://www.w3.org/TR/IndexedDB/); the types of a browser are not loaded. */
export interface IdbRequest<T = unknown> {
  result: T;
  error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}

export interface IdbOpenRequest extends IdbRequest<IdbDatabase> {
  onupgradeneeded: (() => void) | null;
}

export interface IdbFactory {
  open(name: string, version?: number): IdbOpenRequest;
  deleteDatabase(name: string): IdbRequest;
  databases(): Promise<readonly { readonly name?: string; readonly version?: number }[]>;
}

export interface IdbDatabase {
  readonly name: string;
  readonly version: number;
  readonly objectStoreNames: Iterable<string>;
  createObjectStore(name: string, options: { keyPath: unknown; autoIncrement: boolean }): IdbObjectStore;
  transaction(stores: string | readonly string[], mode?: 'readonly' | 'readwrite'): IdbTransaction;
  close(): void;
}

export interface IdbTransaction {
  readonly db: IdbDatabase;
  readonly mode: 'readonly' | 'readwrite' | 'versionchange';
  readonly error: unknown;
  objectStore(name: string): IdbObjectStore;
  addEventListener(type: 'complete' | 'abort', listener: () => void): void;
}

export interface IdbObjectStore {
  readonly name: string;
  readonly keyPath: string | readonly string[] | null;
  readonly autoIncrement: boolean;
  readonly indexNames: Iterable<string>;
  readonly transaction: IdbTransaction;
  index(name: string): { keyPath: string | readonly string[]; unique: boolean; multiEntry: boolean };
  createIndex(name: string, keyPath: unknown, options: { unique: boolean; multiEntry: boolean }): unknown;
  put(value: unknown, key?: unknown): IdbRequest;
  add(value: unknown, key?: unknown): IdbRequest;
  delete(key: unknown): IdbRequest;
  clear(): IdbRequest;
  getAllKeys(): IdbRequest<readonly unknown[]>;
  getAll(): IdbRequest<readonly unknown[]>;
}

export interface IdbCursor {
  readonly primaryKey: unknown;
  /** An index knows the object store that it is of. */
  readonly source: IdbObjectStore | { readonly objectStore: IdbObjectStore };
  update(value: unknown): IdbRequest;
  delete(): IdbRequest;
}

/** IndexedDB in memory. */
export const indexedDb = fake.indexedDB as unknown as IdbFactory;

/** The methods by which records change, of every object store and cursor of the process. */
export const objectStoreMethods = fake.IDBObjectStore.prototype as unknown as IdbObjectStore;
export const cursorMethods = fake.IDBCursor.prototype as unknown as IdbCursor;

/** Returns the only key of a range; null: it may have more than one. A key alone is returned as it is. */
export function onlyKeyOf(keyOrRange: unknown): { readonly key: unknown } | null {
  if (!(keyOrRange instanceof fake.IDBKeyRange)) return { key: keyOrRange };
  const { lower, upper } = keyOrRange as unknown as { readonly lower: unknown; readonly upper: unknown };
  return JSON.stringify(lower) === JSON.stringify(upper) ? { key: lower } : null;
}

/**
 * Gives the process the globals of IndexedDB that the encryption library looks for: it was made for browsers. They stay,
 * since it looks at them at any time.
 */
export function installGlobals(): void {
  noteConnections();
  const { indexedDB, IDBCursor, IDBCursorWithValue, IDBDatabase, IDBKeyRange, IDBOpenDBRequest, IDBRequest } = fake;
  const classes = { IDBCursor, IDBCursorWithValue, IDBDatabase, IDBKeyRange, IDBOpenDBRequest, IDBRequest };
  for (const [name, value] of Object.entries({ indexedDB, ...classes }))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** The open connections of each database. */
const connections = new Map<string, Set<IdbDatabase>>();
let isNoting = false;

/** Notes every connection, since objects of the library that were not freed keep theirs open. */
function noteConnections(): void {
  if (isNoting) return;
  isNoting = true;
  const open = indexedDb.open.bind(indexedDb);
  indexedDb.open = (name, ...version) => {
    const request = open(name, ...version);
    const note = () => connections.set(name, (connections.get(name) ?? new Set()).add(request.result));
    (request as unknown as EventTarget).addEventListener('success', note);
    return request;
  };
}

/** Deletes a database, and closes its connections before: while one is open, the deletion is tried again all the time. */
export async function deleteDatabase(name: string): Promise<void> {
  for (const connection of connections.get(name) ?? []) connection.close();
  connections.delete(name);
  await resultOf(indexedDb.deleteDatabase(name));
}

/** Resolves with the result of a request. */
export function resultOf<T>(request: IdbRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves when a transaction is complete. */
export function completionOf(transaction: IdbTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', resolve);
    transaction.addEventListener('abort', () => reject(transaction.error));
  });
}
