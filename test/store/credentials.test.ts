import { expect, it } from 'vitest';
import { loadTokens, saveTokens } from '../../src/store/credentials.ts';
import { openStore } from '../../src/store/open-store.ts';
import { folderWith } from '../config/config-files.ts';

it('keeps the newest tokens of an account in the file', async () => {
  const file = `${folderWith({})}/a.db`;
  const store = await openStore(file);
  expect(await loadTokens(store.db, 'matrix')).toBeNull();
  const first = { origin: 'o', access: 'a', refresh: 'r', renewAt: null };
  await saveTokens(store.db, 'matrix', first);
  const second = { origin: 'o', access: 'a2', refresh: 'r2', renewAt: 5 };
  await saveTokens(store.db, 'matrix', second);
  await store.close();
  const again = await openStore(file);
  expect(await loadTokens(again.db, 'matrix')).toEqual(second);
  expect(await loadTokens(again.db, 'discord')).toBeNull();
  await again.close();
});

it('keeps those of each account apart, and finds those of an account that was renamed by their origin', async () => {
  const store = await openStore(':memory:');
  const tokens = (origin: string) => ({ origin, access: `access of ${origin}`, refresh: 'r', renewAt: null });
  await saveTokens(store.db, 'matrix', tokens('a'));
  await saveTokens(store.db, 'matrix/eu', tokens('b'));
  expect([await loadTokens(store.db, 'matrix'), await loadTokens(store.db, 'matrix/eu')]).toEqual(
    ['a', 'b'].map(tokens),
  );
  expect(await loadTokens(store.db, 'matrix/us')).toBeNull();
  expect(await loadTokens(store.db, 'matrix/us', 'b')).toEqual(tokens('b'));
  expect(await loadTokens(store.db, 'discord', 'b')).toBeNull();
  // Two accounts exchanged their names.
  expect(await loadTokens(store.db, 'matrix', 'b')).toEqual(tokens('b'));
  await store.close();
});
