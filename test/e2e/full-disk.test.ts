import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CableServer, startCableServer } from '../support/cable-server.ts';
import { type Child, startChild } from '../support/child.ts';

/** A real full file system, which only root can create; CI is root. */
const program = fileURLToPath(new URL('../../src/lookout.js', import.meta.url));
const isRoot = process.getuid?.() === 0;
let folder: string;
let disk: string;
let cable: CableServer;
let running: Child[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-full-'));
  disk = join(folder, 'disk');
  running = [];
  execFileSync('mkdir', [disk]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]);
  cable = await startCableServer();
  const configuration = {
    source: { url: cable.url, key: 'a-key-of-the-test' },
    store: 'sqlite:disk/lookout.db',
    rooms: { here: { to: 'console:here', waves: 'off' } },
    subscriptions: [{ events: 'posts#create', rooms: 'here' }],
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
});
afterEach(async () => {
  for (const child of running) await child.end('SIGKILL');
  await cable.stop();
  execFileSync('umount', [disk]);
  rmSync(folder, { recursive: true });
});

function lookout(): Child {
  const child = startChild(process.execPath, [program, 'run'], { cwd: folder, env: { PATH: process.env.PATH } });
  running.push(child);
  return child;
}
/** Uses up all space except for some bytes. */
function fill(leaving: number): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - leaving));
}
const makeRoom = () => rmSync(join(disk, 'ballast'));
const post = (id: number) => ({
  event_type: 'create',
  event_class: 'Post',
  object: { id, title: `Title of ${id}.`, body: 'x'.repeat(1_000), updated_at: new Date().toISOString() },
});
function shown(): number[] {
  const lines = running.flatMap((child) => child.lines);
  return lines.flatMap((line) => Number(/Title of (\d+)\./.exec(line)?.[1] ?? 0) || []).sort((a, b) => a - b);
}

describe.runIf(isRoot || process.env.CI !== undefined)('a disk that is full', () => {
  it('buffers events while Lookout runs, is reported once, and all events are shown once there is space', async () => {
    const child = lookout();
    const client = await cable.client();
    await client.subscribed();
    for (let id = 1; id <= 20; id++) client.message(post(id));
    while (shown().length < 20) await child.whileRunning(setTimeout(20));
    fill(0);
    for (let id = 21; id <= 520; id++) client.message(post(id));
    await child.waitForLine((line) => line.includes('the disk is full: free some space'), 'the word');
    // Long enough for several more attempts.
    await child.whileRunning(setTimeout(8_000));
    expect(child.lines.filter((line) => /"level":[45]0/.test(line)).length).toBeLessThanOrEqual(3);
    makeRoom();
    while (new Set(shown()).size < 520) await child.whileRunning(setTimeout(50));
    expect(shown()).toEqual(Array.from({ length: 520 }, (_, index) => index + 1));
    expect((await child.end('SIGTERM')).code).toBe(0);
  });

  it.each([0, 8_192, 40_960, 90_000])(
    'with %d bytes left at the first start: exits with 1, and starts once there is space',
    async (left) => {
      fill(left);
      const refused = lookout();
      expect((await refused.exited).code).toBe(1);
      expect(refused.lines).toHaveLength(1);
      expect(refused.lines[0]).toMatch(/the disk is full: free some space|full or failing|cannot be created or opened/);
      makeRoom();
      const child = lookout();
      await child.waitForLine((line) => line.includes('"state":"subscribed"'), 'the subscription');
    },
  );
});
