import { afterEach, beforeEach, expect, it } from 'vitest';
import { platforms } from '../../src/adapters/platforms.ts';
import { answererOf } from '../../src/commands/answerer.ts';
import type { CommandRoom } from '../../src/commands/command-room.ts';
import type { HeardInvocation } from '../../src/commands/invocation.ts';
import { silentLog } from '../../src/log.ts';
import { createGreet } from '../../src/notices/greeting.ts';
import { deleteHeard, loadHeard, pruneHeard, storeHeard } from '../../src/outbox/rows/heard.ts';
import { loadSyncPosition, saveSyncPosition, takeTurn } from '../../src/outbox/rows/sync-position.ts';
import { loadTokens, saveTokens } from '../../src/store/credentials.ts';
import {
  loadEncryptedRooms,
  loadEncryption,
  loadIdentity,
  noteRead,
  noteSealed,
  replaceEncryption,
  saveEncryptedRoom,
  saveIdentity,
  writeEncryption,
} from '../../src/store/encryption-state.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { createWriter } from '../../src/store/writer.ts';
import { createTestClock } from '../support/test-clock.ts';

const device = { account: '@bot:a.org', device: 'BOT' };
let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
});
afterEach(() => store.close());

it('an account finds its place, its tokens and its private keys as it left them last', async () => {
  const { db } = store;
  const account = { id: '@bot:a.org', device: 'BOT' };
  for (const one of ['first', 'second']) {
    await saveSyncPosition(db, 'matrix', account as never, one);
    await saveTokens(db, 'matrix', { origin: 'o', access: one, refresh: 'r', renewAt: 2 ** 41 });
    await saveIdentity(db, account.id, one);
    await saveEncryptedRoom(db, account.id, '!a:a.org', one);
  }
  expect(await loadSyncPosition(db, 'matrix', account as never)).toBe('second');
  expect(await loadTokens(db, 'matrix')).toEqual({ origin: 'o', access: 'second', refresh: 'r', renewAt: 2 ** 41 });
  expect(await loadIdentity(db, account.id)).toBe('second');
  expect(await loadEncryptedRooms(db, account.id)).toEqual(new Map([['!a:a.org', 'second']]));
});

it('a device finds the databases of its encryption with every change', async () => {
  const { db } = store;
  const writer = createWriter(db, createTestClock());
  const schema = { version: 1, stores: [] };
  const records = Array.from({ length: 10 }, (_, index) => ({ store: 'core', key: `k${index}`, value: 'a' }));
  for (const kept of [records, records.slice(0, 3)])
    await replaceEncryption(writer, device, [{ name: 'd', schema, records: kept }], 1);
  const change = (key: string, value: string | null) => ({ database: 'd', store: 'core', key, value });
  const changes = [change('k0', 'b'), change('k1', null)];
  await writer.write((trx) => writeEncryption(trx, { device, emptied: [], records: changes }, 2));
  const [kept] = await loadEncryption(db, device);
  expect(kept?.schema).toEqual(schema);
  expect(kept?.records.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
    { store: 'core', key: 'k0', value: 'b' },
    { store: 'core', key: 'k2', value: 'a' },
  ]);
  const emptied = [{ database: 'd', store: 'core' }];
  await writer.write((trx) => writeEncryption(trx, { device, emptied, records: [] }, 3));
  expect((await loadEncryption(db, device))[0]?.records).toEqual([]);
});

it('an index of a key serves one message, and a second one fails alone', async () => {
  const { db } = store;
  const writer = createWriter(db, createTestClock());
  const seal = (index: number) => writer.write((trx) => noteSealed(trx, { session: 's', index }, 1));
  await seal(0);
  const both = await Promise.allSettled([seal(0), seal(1)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  const read = (event: string) => noteRead(db, { session: 's', index: 0 }, event, 1);
  expect([await read('$a'), await read('$a'), await read('$b')]).toEqual([true, true, false]);
});

it('a room is greeted once', async () => {
  const source = { name: 'metasmoke', kind: { example: 'posts' } };
  const parts = {
    takesSubscriptions: async () => true,
    isOfAnother: async () => false,
    source,
    now: () => 1,
    log: silentLog,
  };
  const greet = createGreet({ db: store.db, ...parts });
  const place = { platform: 'matrix', account: 'matrix', room: '!a:a.org' };
  expect(await greet(place)).not.toBeNull();
  expect(await greet(place)).toBeNull();
});

it('one of several accounts answers a command in a room of none, also if they ask at once', async () => {
  const { db } = store;
  const room = { id: null, account: 'matrix' } as unknown as CommandRoom;
  const asked = (account: string, key: string) =>
    answererOf({ db, platforms, now: () => 1 }, { key, account, platform: 'matrix' } as HeardInvocation, room);
  const answerers = await Promise.all(
    ['matrix', 'matrix/eu', 'matrix/us'].map((account) => asked(account, 'matrix:$1')),
  );
  expect(answerers.map(({ outcome }) => outcome).sort()).toEqual(['another', 'another', 'ours']);
  expect([(await asked('matrix/eu', 'matrix:$2')).outcome, (await asked('matrix', 'matrix:$2')).outcome]).toEqual([
    'ours',
    'another',
  ]);
});

it('what shards hear waits, in order, for the account that it is for', async () => {
  const { db } = store;
  const read = async (account: string) => (await loadHeard(db, account)).map(({ content, at }) => ({ content, at }));
  for (const at of [1, 2, 3]) await storeHeard(db, 'discord', { content: { n: at }, at });
  await storeHeard(db, 'discord/eu', { content: 'other', at: 4 });
  expect(await read('discord')).toEqual([1, 2, 3].map((at) => ({ content: { n: at }, at })));
  const [first] = await loadHeard(db, 'discord');
  await deleteHeard(db, [first?.id ?? 0]);
  expect(await read('discord')).toEqual([2, 3].map((at) => ({ content: { n: at }, at })));
  expect(await read('discord/eu')).toEqual([{ content: 'other', at: 4 }]);
  const later = 15 * 60_000 + 3;
  await storeHeard(db, 'discord', { content: 'late', at: later });
  expect(await read('discord'), 'too old for an answer').toEqual([
    { content: { n: 3 }, at: 3 },
    { content: 'late', at: later },
  ]);
  await pruneHeard(db, 2 * later);
  expect([await read('discord'), await read('discord/eu')]).toEqual([[], []]);
});

it('a turn is taken by one process at a time', async () => {
  const { db } = store;
  const group = { id: '7', device: 'identify 0' };
  // A server has a clock of its own.
  const now = Date.now();
  const everyMs = 600_000;
  const taken = await Promise.all([1, 2, 3].map(() => takeTurn(db, 'discord', group, { now, everyMs })));
  expect(taken.filter((waitMs) => waitMs === 0)).toHaveLength(1);
  for (const waitMs of taken.filter((ms) => ms > 0)) expect(waitMs).toBeLessThanOrEqual(everyMs);
  // Its holder lets it begin later; another group has turns of its own.
  expect(await takeTurn(db, 'discord', group, { now, everyMs: 0 })).toBe(0);
  expect(await takeTurn(db, 'discord', { ...group, device: 'identify 1' }, { now, everyMs })).toBe(0);
  // One that was set back a little is waited for.
  await saveSyncPosition(db, 'discord', group, String(now + everyMs / 2));
  expect(await takeTurn(db, 'discord', group, { now, everyMs })).toBe(everyMs);
  // A time that is long to come was written by another clock.
  await saveSyncPosition(db, 'discord', group, String(now + 365 * 86_400_000));
  expect(await takeTurn(db, 'discord', group, { now, everyMs })).toBe(0);
});
