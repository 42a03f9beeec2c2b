import { afterEach, beforeEach, expect, it } from 'vitest';
import { noteRead, noteSealed, replaceEncryption, writeEncryption } from '../../src/store/encryption-state.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { pruneEncryption } from '../../src/store/prune-encryption.ts';
import { createWriter } from '../../src/store/writer.ts';
import { createTestClock } from '../support/test-clock.ts';

const device = { account: '@bot:a.org', device: 'BOT' };
const database = 'matrix-sdk-crypto';
const schema = { version: 1, stores: [] };
let store: Store;

beforeEach(async () => {
  store = await openStore(':memory:');
});
afterEach(() => store.close());

it('deletes old keys of messages alone, and the indices of keys that are not in use any more', async () => {
  const { db } = store;
  const writer = createWriter(db, createTestClock());
  await replaceEncryption(writer, device, [{ name: database, schema, records: [] }], 1);
  const record = (name: string, key: string) => ({ database, store: name, key, value: '{}' });
  const write = (at: number, ...records: ReturnType<typeof record>[]) =>
    writer.write((trx) => writeEncryption(trx, { device, emptied: [], records }, at));
  await write(10, record('inbound_group_sessions3', 'old'), record('outbound_group_sessions', 'old'));
  await write(20, record('inbound_group_sessions3', 'new'));
  for (const [session, index, at] of [
    ['ended', 0, 10],
    ['in use', 0, 10],
    ['in use', 1, 20],
  ] as const)
    await writer.write((trx) => noteSealed(trx, { session, index }, at));
  await noteRead(db, { session: 'a', index: 0 }, '$old', 10);
  await noteRead(db, { session: 'a', index: 1 }, '$new', 20);

  expect(await pruneEncryption(db, 15)).toBe(3);
  expect(await pruneEncryption(db, 15)).toBe(0);
  const keys = await db.selectFrom('encryption_records').select(['collection', 'key']).orderBy('key').execute();
  expect(keys).toEqual([
    { collection: 'inbound_group_sessions3', key: 'new' },
    { collection: 'outbound_group_sessions', key: 'old' },
  ]);
  expect(await db.selectFrom('sealed_indices').select(['session', 'message_index']).execute()).toEqual([
    { session: 'in use', message_index: 0 },
    { session: 'in use', message_index: 1 },
  ]);
  expect(await db.selectFrom('read_indices').select('event').execute()).toEqual([{ event: '$new' }]);
});
