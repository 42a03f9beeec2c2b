import { expect, it } from 'vitest';
import {
  forgetOtherDevices,
  loadEncryption,
  loadIdentity,
  replaceEncryption,
  saveIdentity,
} from '../../src/store/encryption-state.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createWriter } from '../../src/store/writer.ts';
import { systemClock } from '../../src/time/clock.ts';
import { folderWith } from '../config/config-files.ts';

it('forgets the encryption of an account’s other devices, and nothing of other accounts', async () => {
  const store = await openStore(`${folderWith({})}/a.db`);
  const writer = createWriter(store.db, systemClock);
  const schema = { version: 1, stores: [] };
  const database = { name: 'main', schema, records: [{ store: 's', key: '1', value: '"v"' }] };
  const devices = [
    { account: '@bot:fake.test', device: 'OLD' },
    { account: '@bot:fake.test', device: 'NEW' },
    { account: '@other:fake.test', device: 'OLD' },
  ] as const;
  for (const device of devices) await replaceEncryption(writer, device, [database], 1);
  await saveIdentity(store.db, '@bot:fake.test', 'seeds');
  await forgetOtherDevices(writer, devices[1]);
  expect(await Promise.all(devices.map((device) => loadEncryption(store.db, device)))).toEqual([
    [],
    [database],
    [database],
  ]);
  expect(await loadIdentity(store.db, '@bot:fake.test')).toBe('seeds');
  await store.close();
});
