import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { safeguards } from '../../../src/app/safeguards.ts';
import { type App, startApp } from '../../../src/app/start-app.ts';
import { extensions } from '../../../src/command-line/extensions.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { silentLevel, silentLog } from '../../../src/log.ts';
import { writeNotice } from '../../../src/notices/write-notice.ts';
import { storeRooms } from '../../../src/outbox/rows/rooms.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { StoreError } from '../../../src/store/store-errors.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { type CableServer, startCableServer } from '../../support/cable-server.ts';
import { type Child, startChild } from '../../support/child.ts';

/** Runs `lookout` as a process on a file that has changed since its last run. */
const program = fileURLToPath(new URL('../../../src/lookout.js', import.meta.url));
let folder: string;
let file: string;
let cable: CableServer;
let running: Child[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-damaged-'));
  file = join(folder, 'lookout.db');
  running = [];
  cable = await startCableServer();
  const configuration = {
    source: { url: cable.url, key: 'a-key-of-the-test' },
    store: 'sqlite:lookout.db',
    rooms: { here: 'console:here' },
    subscriptions: [{ events: 'posts#create', rooms: 'here' }],
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
});
afterEach(async () => {
  for (const child of running) await child.end('SIGKILL');
  await cable.stop();
  rmSync(folder, { recursive: true });
});

function lookout(args: readonly string[], ofNode: readonly string[] = []): Child {
  const child = startChild(process.execPath, [...ofNode, program, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH },
  });
  running.push(child);
  return child;
}

/** Creates a database with a waiting notice; `keepLog` leaves it as kill -9 does, with its write-ahead log. */
async function fill(keepLog = join(folder, 'kept')): Promise<void> {
  const { db, close } = await openStore(file);
  await storeRooms(db, [{ name: 'here', address: 'console:here', platform: 'console', account: 'console' }]);
  const message = { title: null, url: null, color: null, body: [], fields: [], footer: null, image: null, link: null };
  await writeNotice(db, { roomId: 1, subject: 's', message, now: systemClock.now() });
  copyFileSync(file, keepLog);
  copyFileSync(`${file}-wal`, `${keepLog}-wal`);
  await close();
}
/** Runs the program of `lookout run` in this process. */
function run(): Promise<App> {
  const { config } = loadConfig(join(folder, 'config.yaml'), {}, extensions);
  if (config === null) throw new Error('the configuration is wrong');
  const shown = { write: async () => {}, color: false, columns: null, input: null };
  const log = { log: silentLog, logLevel: silentLevel, readConfig: null };
  return startApp({ ...shown, config, clock: systemClock, ...log, version: 'test', safeguards, ...extensions });
}
/** Overwrites all pages except the first. */
function overwrite(): void {
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([bytes.subarray(0, 4_096), Buffer.alloc(bytes.length - 4_096, 0xab)]));
}

describe('lookout run', () => {
  it.each([
    ['pages that were overwritten', overwrite, /is damaged, or is not a database.*\.recover/],
    ['a text', () => writeFileSync(file, 'no database'.repeat(1_000)), /is damaged, or is not a database/],
    ['half of a database', () => truncateSync(file, 20_480), /is damaged, or is not a database/],
    [
      'an empty file beside its log',
      () => {
        writeFileSync(file, '');
        copyFileSync(join(folder, 'kept-wal'), `${file}-wal`);
      },
      /is missing or empty, but .*-wal beside it holds the latest changes/,
    ],
  ])('does not start with %s, says what to do, and leaves the file unchanged', async (_what, damage, says) => {
    await fill();
    damage();
    const before = readFileSync(file);
    const refused = run();
    await expect(refused).rejects.toThrow(StoreError);
    await expect(refused).rejects.toThrow(says);
    expect(readFileSync(file)).toEqual(before);
  });

  it('starts with an empty file, and recovers the intact part of a truncated log', async () => {
    await fill();
    writeFileSync(file, '');
    await (await run()).stop(0);

    copyFileSync(join(folder, 'kept'), file);
    copyFileSync(join(folder, 'kept-wal'), `${file}-wal`);
    truncateSync(`${file}-wal`, statSync(`${file}-wal`).size - 5_000);
    await (await run()).stop(0);
    const database = new DatabaseSync(file);
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
  });

  it('exits with 1 and prints one line', async () => {
    await fill();
    overwrite();
    for (const args of [['run'], ['outbox', 'list']]) {
      const child = lookout(args);
      expect((await child.exited).code).toBe(1);
      expect(child.lines).toHaveLength(1);
      expect(child.lines[0]).toMatch(/is damaged, or is not a database/);
    }
  });

  // Root may write everything, and only root may become another user.
  it.runIf(process.getuid?.() === 0).each([
    ['file', 0o777, /lookout\.db cannot be written: give the user of Lookout the right to write to it/],
    ['folder', 0o755, /cannot be created or opened: check that its folder exists, and that the user/],
  ])('exits with 1 if it may not write to the %s', async (_what, mode, says) => {
    await fill();
    chmodSync(folder, mode);
    for (const name of ['config.yaml', 'lookout.db']) chmodSync(join(folder, name), 0o644);
    const somebody = `process.setgid(65534); process.setuid(65534);`;
    const child = lookout(['run'], ['--import', `data:text/javascript,${somebody}`]);
    expect((await child.exited).code).toBe(1);
    expect(child.lines.at(-1)).toMatch(says);
  });
});
