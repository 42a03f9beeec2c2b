import type { DatabaseSchema, KeptDatabase } from '../../../store/encryption-state.ts';
import { completionOf, type IdbDatabase, indexedDb, resultOf } from './indexed-db.ts';

/** Reads a whole IndexedDB database. */
export async function readDatabase(database: string): Promise<Omit<KeptDatabase, 'name'>> {
  const db = await resultOf(indexedDb.open(database));
  const names = [...db.objectStoreNames];
  const stores = names.map((name) => {
    const { keyPath, autoIncrement, indexNames, ...store } = storeOf(db, name);
    const indexes = [...indexNames].map((index) => ({ name: index, ...store.index(index) }));
    return { name, keyPath, autoIncrement, indexes };
  });
  const records = await Promise.all(names.map((name) => readStore(db, name)));
  const { version } = db;
  db.close();
  return { schema: { version, stores }, records: records.flat() };
}

function storeOf(db: IdbDatabase, name: string) {
  const store = db.transaction(name).objectStore(name);
  const index = (of: string) => {
    const { keyPath, unique, multiEntry } = store.index(of);
    return { keyPath, unique, multiEntry };
  };
  const { keyPath, autoIncrement, indexNames } = store;
  return { keyPath, autoIncrement, indexNames, index };
}

async function readStore(db: IdbDatabase, name: string) {
  const store = db.transaction(name).objectStore(name);
  const [keys, values] = await Promise.all([resultOf(store.getAllKeys()), resultOf(store.getAll())]);
  return keys.map((key, at) => ({ store: name, key: JSON.stringify(key), value: JSON.stringify(values[at]) }));
}

/** Makes an IndexedDB database with the schema and the records that were kept. */
export async function makeDatabase(database: string, { schema, records }: Omit<KeptDatabase, 'name'>): Promise<void> {
  const request = indexedDb.open(database, schema.version);
  request.onupgradeneeded = () => makeStores(request.result, schema);
  const db = await resultOf(request);
  if (records.length > 0) {
    const transaction = db.transaction([...db.objectStoreNames], 'readwrite');
    const completed = completionOf(transaction);
    for (const { store, key, value } of records) {
      const target = transaction.objectStore(store);
      // With a key path the key is in the value.
      if (target.keyPath === null) target.put(JSON.parse(value), JSON.parse(key));
      else target.put(JSON.parse(value));
    }
    await completed;
  }
  db.close();
}

function makeStores(db: IdbDatabase, { stores }: DatabaseSchema): void {
  for (const { name, keyPath, autoIncrement, indexes } of stores) {
    const store = db.createObjectStore(name, { keyPath, autoIncrement });
    for (const { name: index, keyPath: path, unique, multiEntry } of indexes)
      store.createIndex(index, path, { unique, multiEntry });
  }
}
