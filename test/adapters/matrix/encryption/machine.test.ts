import { expect, it } from 'vitest';
import { createMemoryEncryption, type MemoryEncryption } from '../../../../src/adapters/contract/memory-encryption.ts';
import { indexedDb } from '../../../../src/adapters/matrix/encryption/indexed-db.ts';
import { KeptStateError, Machine, type MachineOptions } from '../../../../src/adapters/matrix/encryption/machine.ts';
import { createTestClock } from '../../../support/test-clock.ts';
import { until } from '../../../support/until.ts';

const device = { account: '@bot:fake.test', device: 'BOT' };

const open = (store: MemoryEncryption, more: Partial<MachineOptions> = {}) =>
  Machine.open({ device, store, key: null, clock: createTestClock(), end: () => {}, ...more });

/** The fingerprint of a machine, which is closed then. */
async function fingerprint(machine: Machine): Promise<string> {
  const { ed25519 } = await machine.call('keys', async (olm) => olm.identityKeys);
  const text = ed25519.toBase64();
  await machine.close();
  return text;
}

it.each([
  ['as it is', null],
  ['encrypted', new Uint8Array(32).fill(7)],
])('is the same device after a restart, with its state kept %s', async (_, key) => {
  const store = createMemoryEncryption();
  const first = await open(store, { key });
  expect(first.isFresh).toBe(true);
  const before = await fingerprint(first);
  const second = await open(store, { key });
  expect(second.isFresh).toBe(false);
  expect(await fingerprint(second)).toBe(before);
});

/** The values that are kept, and what stands in them in base64. */
function plainTextOf(store: MemoryEncryption): string {
  const values = [...store.keptOf(device.device).values()].flatMap(({ records }) => records.map(({ value }) => value));
  const decoded = values
    .flatMap((value) => value.match(/[\w+/=-]{20,}/g) ?? [])
    .map((text) => Buffer.from(text, 'base64').toString('latin1'));
  return [...values, ...decoded].join('\n');
}

it('keeps no readable private key under a key of the store', async () => {
  const store = createMemoryEncryption();
  await (await open(store, { key: new Uint8Array(32).fill(7) })).close();
  const plain = createMemoryEncryption();
  await (await open(plain)).close();
  expect(plainTextOf(plain)).toContain('private_key');
  expect(plainTextOf(store)).not.toContain('private_key');
});

it.each([
  [
    'another key',
    new Uint8Array(32).fill(1),
    new Uint8Array(32).fill(2),
    'is not the key that the store was encrypted with',
  ],
  ['a key that is missing', new Uint8Array(32).fill(1), null, 'give chats.matrix.store_key as it was'],
])('refuses %s, with what to do', async (_, first, second, reason) => {
  const store = createMemoryEncryption();
  await (await open(store, { key: first })).close();
  const failure = await open(store, { key: second }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(KeptStateError);
  expect((failure as Error).message).toContain(reason);
});

it('refuses rows that the library cannot open, and keeps no copy of them in memory', async () => {
  const store = createMemoryEncryption();
  await (await open(store)).close();
  const kept = store.keptOf(device.device);
  const before = (await indexedDb.databases()).length;
  // As a library of later years would write it.
  for (const [name, database] of kept)
    kept.set(name, { ...database, schema: { ...database.schema, version: 1_000_000 } });
  const failure = await open(store).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(KeptStateError);
  expect((failure as Error).message).toContain('cannot be opened');
  await until(async () => (await indexedDb.databases()).length === before);
});

it('goes on with what is kept as it is when a key is added, and says that it is', async () => {
  const store = createMemoryEncryption();
  const before = await fingerprint(await open(store));
  const machine = await open(store, { key: new Uint8Array(32).fill(2) });
  expect(machine.isPlain).toBe(true);
  expect(await fingerprint(machine)).toBe(before);
});

it('keeps what changed with a later write when one fails', async () => {
  const store = createMemoryEncryption();
  const machine = await open(store);
  const write = store.write.bind(store);
  await machine.call('tracked users', (olm) => olm.updateTrackedUsers(machine.users(['@you:fake.test'])));
  store.write = async () => {
    throw new Error('the disk is full');
  };
  await expect(machine.commit()).rejects.toThrow('the disk is full');
  expect(machine.changes().records).not.toEqual([]);
  store.write = write;
  await machine.commit();
  expect(machine.changes().records).toEqual([]);
  await machine.close();
});

it('ends the process when the library does not answer', async () => {
  const clock = createTestClock();
  const reasons: string[] = [];
  const machine = await open(createMemoryEncryption(), { clock, end: (reason) => reasons.push(reason) });
  void machine.call('a question', () => new Promise(() => {}));
  await clock.advance(120_000);
  expect(reasons).toEqual(['the encryption library did not answer to a question']);
  await machine.close();
});
