import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  completionOf,
  type IdbDatabase,
  indexedDb,
  installGlobals,
  resultOf,
} from '../../../../src/adapters/matrix/encryption/indexed-db.ts';
import { Journal } from '../../../../src/adapters/matrix/encryption/journal.ts';
import { makeDatabase, readDatabase } from '../../../../src/adapters/matrix/encryption/snapshot.ts';
import type { EncryptionChanges } from '../../../../src/store/encryption-state.ts';

const schema = {
  version: 3,
  stores: [
    { name: 'plain', keyPath: null, autoIncrement: false, indexes: [] },
    {
      name: 'keyed',
      keyPath: 'id',
      autoIncrement: false,
      indexes: [{ name: 'byGroup', keyPath: 'group', unique: false, multiEntry: false }],
    },
  ],
} as const;

type Step =
  | { readonly kind: 'put' | 'delete'; readonly store: 'plain' | 'keyed'; readonly id: number; readonly text: string }
  | { readonly kind: 'clear'; readonly store: 'plain' | 'keyed' }
  | { readonly kind: 'cursor'; readonly delete: boolean };

const id = fc.nat(5);
const store = fc.constantFrom('plain', 'keyed' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('put', 'delete' as const), store, id, text: fc.string() }),
  },
  fc.record({ kind: fc.constant('clear' as const), store }),
  fc.record({ kind: fc.constant('cursor' as const), delete: fc.boolean() }),
) as fc.Arbitrary<Step>;

interface Cursor {
  readonly value: object;
  update(value: unknown): unknown;
  delete(): unknown;
  continue(): void;
}

/** One transaction; `abort`: it changes nothing. */
async function run(db: IdbDatabase, steps: readonly Step[], abort: boolean): Promise<void> {
  const transaction = db.transaction(['plain', 'keyed'], 'readwrite');
  const ended = completionOf(transaction).catch(() => {});
  for (const each of steps) {
    const target = transaction.objectStore(each.kind === 'cursor' ? 'keyed' : each.store);
    if (each.kind === 'clear') target.clear();
    else if (each.kind === 'cursor') walk(target, each.delete);
    else if (each.kind === 'delete') target.delete(each.id);
    else if (each.store === 'plain') target.put({ text: each.text }, each.id);
    else target.put({ id: each.id, group: each.id % 2, text: each.text });
  }
  if (abort) (transaction as unknown as { abort(): void }).abort();
  await ended;
}

/** Changes the records of one group of an index. */
function walk(target: unknown, deletes: boolean): void {
  const { index } = target as {
    index(name: string): { openCursor(key: number): { result: Cursor; onsuccess(): void } };
  };
  const request = index.call(target, 'byGroup').openCursor(1);
  request.onsuccess = () => {
    const cursor = request.result;
    if (cursor === null) return;
    if (deletes) cursor.delete();
    else cursor.update({ ...cursor.value, text: 'changed' });
    cursor.continue();
  };
}

/** Writes changes as the store does. */
function write(kept: Map<string, string>, { emptied, records }: Pick<EncryptionChanges, 'emptied' | 'records'>): void {
  for (const { store } of emptied)
    for (const place of [...kept.keys()]) if (place.startsWith(`${store} `)) kept.delete(place);
  for (const { store, key, value } of records) {
    if (value === null) kept.delete(`${store} ${key}`);
    else kept.set(`${store} ${key}`, value);
  }
}

it('tells every committed change, so that what was written is what the database holds', async () => {
  installGlobals();
  let number = 0;
  const transactions = fc.array(
    fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 5 }), abort: fc.boolean(), fails: fc.boolean() }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(transactions, async (all) => {
      const database = `journal-test-${number++}`;
      await makeDatabase(database, { schema, records: [] });
      const journal = new Journal(database, 'short');
      const db = await resultOf(indexedDb.open(database));
      const kept = new Map<string, string>();
      for (const { steps, abort, fails } of all) {
        await run(db, steps, abort);
        const noted = journal.noted();
        // A write that fails is made again with the next changes.
        if (fails) continue;
        write(kept, noted);
        journal.taken(noted);
        expect(journal.isEmpty).toBe(true);
      }
      write(kept, journal.noted());
      db.close();
      const { records } = await readDatabase(database);
      expect(new Map([...kept].sort())).toEqual(
        new Map(records.map(({ store: name, key, value }) => [`${name} ${key}`, value] as const).sort()),
      );
      journal.end();
      await resultOf(indexedDb.deleteDatabase(database));
    }),
    { numRuns: 60 },
  );
});

it('keeps a change that came while the last ones were being written', async () => {
  installGlobals();
  await makeDatabase('journal-race', { schema, records: [] });
  const journal = new Journal('journal-race', 'short');
  const db = await resultOf(indexedDb.open('journal-race'));
  const put = (text: string) => run(db, [{ kind: 'put', store: 'plain', id: 1, text }], false);
  await put('first');
  const writing = journal.noted();
  await put('second');
  journal.taken(writing);
  expect(journal.noted().records).toMatchObject([{ store: 'plain', key: '1', value: '{"text":"second"}' }]);
  db.close();
  journal.end();
});
