import { copyFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockStore, type StoreLock } from '../../src/store/lock.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { StoreInUseError } from '../../src/store/store-errors.ts';

let folder: string;
let file: string;
/** The open and locked handles, which are released after the test. */
let held: (() => unknown)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-lock-'));
  file = join(folder, 'a.db');
  held = [];
});
afterEach(async () => {
  for (const letGo of held.splice(0).reverse()) await letGo();
  rmSync(folder, { recursive: true });
});

/** Takes and opens a database as `lookout run` does. */
async function run(at = file): Promise<{ readonly lock: StoreLock; readonly store: Store }> {
  const lock = lockStore(at);
  held.push(() => lock.release());
  const store = await openStore(at);
  held.push(() => store.close());
  await lock.register(store.db);
  return { lock, store };
}

/** Ends it as the operating system ends a killed process: no entry is removed. */
async function killed({ lock, store }: { readonly lock: StoreLock; readonly store: Store }): Promise<void> {
  held.splice(0);
  await store.close();
  lock.release();
}

const takes = (at = file) => {
  lockStore(at).release();
  return true;
};

it('allows one run per file at a time', () => {
  const lock = lockStore(file);
  expect(() => lockStore(file)).toThrow(StoreInUseError);
  expect(() => lockStore(file)).toThrow(
    `another Lookout (process ${process.pid}): stop it first; a second \`lookout run\` needs its own`,
  );
  lock.release();
  expect(takes()).toBe(true);
});

it('identifies a file, whatever link leads to it', async () => {
  await (await openStore(file)).close();
  symlinkSync(file, join(folder, 'b.db'));
  const lock = lockStore(join(folder, 'b.db'));
  expect(() => lockStore(file)).toThrow(StoreInUseError);
  lock.release();
});

it('allows no second run with another lock file, after the first was removed', async () => {
  await run();
  rmSync(`${file}-lock`);
  for (let tried = 0; tried < 2; tried++) {
    expect(() => lockStore(file)).toThrow(`in use by another Lookout (process ${process.pid})`);
  }
});

it('allows a run after a kill, with the lock file and without', async () => {
  await killed(await run());
  await killed(await run());
  rmSync(`${file}-lock`);
  await killed(await run());
  rmSync(`${file}-lock`);
  expect(takes()).toBe(true);
});

it('allows a run after a kill with the old lock file, though another process reads the database', async () => {
  await killed(await run());
  const shell = new DatabaseSync(file);
  held.push(() => shell.close());
  shell.exec('select count(*) from events');
  expect(takes()).toBe(true);
});

it('allows a run after an orderly end, though the lock file is gone and another process reads the database', async () => {
  const first = await run();
  await first.lock.strikeOff(first.store.db);
  await killed(first);
  rmSync(`${file}-lock`);
  const shell = new DatabaseSync(file);
  held.push(() => shell.close());
  shell.exec('select count(*) from events');
  expect(takes()).toBe(true);
});

it('allows a run on a copy of a database in use, alone or with its lock file', async () => {
  const { store } = await run();
  await store.db.selectFrom('events').selectAll().execute();
  const alone = join(folder, 'copy.db');
  for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${alone}${end}`);
  const all = mkdtempSync(join(tmpdir(), 'lookout-lock-'));
  cpSync(folder, all, { recursive: true });
  expect([takes(alone), takes(join(all, 'a.db'))]).toEqual([true, true]);
  rmSync(all, { recursive: true });
});

it('allows one of two runs that both found no other, because the lock file was removed between them', async () => {
  await (await openStore(file)).close();
  const first = lockStore(file);
  rmSync(`${file}-lock`);
  const second = lockStore(file);
  const store = await openStore(file);
  held.push(() => store.close());
  await first.register(store.db);
  await expect(second.register(store.db)).rejects.toThrow(StoreInUseError);
  first.release();
  second.release();
});

it('leaves the database as open to other processes as it was: they read and write', async () => {
  await run();
  const other = await openStore(file);
  held.push(() => other.close());
  expect(await other.db.selectFrom('events').selectAll().execute()).toEqual([]);
  await other.db.deleteFrom('audit').execute();
});
