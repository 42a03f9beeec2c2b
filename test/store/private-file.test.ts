import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockStore } from '../../src/store/lock.ts';
import { openStore } from '../../src/store/open-store.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-private-'));
  file = join(folder, 'a.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Returns `name mode` of each file while `lookout run` has them open. */
async function modes(at = file): Promise<readonly string[]> {
  const lock = lockStore(at);
  const store = await openStore(at);
  await lock.register(store.db);
  const found = readdirSync(folder).sort();
  const said = found.map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
  await store.close();
  lock.release();
  return said;
}
const all = ['a.db 600', 'a.db-lock 600', 'a.db-shm 600', 'a.db-wal 600'];

it.each([0o000, 0o022, 0o077, 0o277])(
  'creates database, log and lock that only their owner may read and write, under umask %o',
  async (mask) => {
    const before = process.umask(mask);
    try {
      expect(await modes()).toEqual(all);
    } finally {
      process.umask(before);
    }
  },
);

it('removes the rights of others that an earlier version of Lookout left', async () => {
  const lock = lockStore(file);
  const store = await openStore(file);
  for (const end of ['', '-wal', '-shm', '-lock']) chmodSync(`${file}${end}`, 0o644);
  expect(await modesOfAnother()).toEqual(all);
  await store.close();
  lock.release();

  async function modesOfAnother() {
    await (await openStore(file)).close();
    expect(() => lockStore(file)).toThrow('in use');
    return readdirSync(folder)
      .sort()
      .map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
  }
});

it('follows a link to the database, even if that does not exist yet', async () => {
  symlinkSync('b.db', file);
  expect(await modes()).toEqual(['a.db 600', 'a.db-lock 600', 'b.db 600', 'b.db-shm 600', 'b.db-wal 600']);
});

it('leaves the rights of a folder and of other files unchanged', async () => {
  writeFileSync(join(folder, 'other'), '');
  chmodSync(join(folder, 'other'), 0o644);
  chmodSync(folder, 0o755);
  expect(await modes()).toEqual([...all, 'other 644']);
  expect(statSync(folder).mode & 0o777).toBe(0o755);
});
