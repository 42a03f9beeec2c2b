import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { watchStoreFile } from '../../src/store/watch-file.ts';
import { createTestClock } from '../support/test-clock.ts';

const minute = 60_000;
let folder: string;
let file: string;
let store: Store;
let said: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-watch-'));
  file = join(folder, 'a.db');
  store = await openStore(file);
  said = [];
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Watches until the end of the test. */
function watch() {
  const clock = createTestClock();
  const stopping = new AbortController();
  const log = { ...silentLog, error: (_: unknown, text: string) => void said.push(text) };
  return { clock, stopping, ended: watchStoreFile(store.db, clock, log, stopping.signal) };
}

describe('the database file of a running Lookout', () => {
  it.each([
    ['deleted', () => rmSync(file)],
    ['moved away', () => renameSync(file, join(folder, 'b.db'))],
    [
      'replaced',
      () => {
        writeFileSync(join(folder, 'b.db'), '');
        renameSync(join(folder, 'b.db'), file);
      },
    ],
  ])('that is %s is reported, once', async (_how, harm) => {
    const { clock, ended } = watch();
    await clock.advance(minute);
    expect(said).toEqual([]);
    harm();
    await clock.advance(10 * minute);
    await ended;
    expect(said).toEqual([expect.stringContaining(`${file} was deleted or replaced while Lookout uses it`)]);
    expect(clock.pending).toBe(0);
  });

  it('that stays leaves no timer at the end', async () => {
    const { clock, stopping, ended } = watch();
    await clock.advance(minute);
    stopping.abort();
    await ended;
    expect([said, clock.pending]).toEqual([[], 0]);
  });
});
