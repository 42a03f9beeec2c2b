import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lookAt, probeEnv } from '../../bench/probed.ts';
import { startChild } from '../../support/child.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookout-bench-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/**
 * Blocks its event loop after each SIGHUP for 300 ms of its own CPU time: on a busy machine for longer. Before and after, the timer of
 * the probe runs a few times: what blocks before its first run after a look is not measured.
 */
const program = `
  setInterval(() => {}, 1_000);
  function block() {
    const begin = process.cpuUsage();
    for (let spent = process.cpuUsage(begin); spent.user + spent.system < 300_000; ) spent = process.cpuUsage(begin);
    setTimeout(() => console.log('blocked'), 50);
  }
  process.on('SIGHUP', () => setTimeout(block, 50));
  console.log('ready');`;

it('measures how long an event loop was blocked and the processor time of that, and starts again with each look', async () => {
  const file = join(folder, 'probe');
  const child = startChild(process.execPath, ['-e', program], { env: { ...process.env, ...probeEnv(file) } });
  const probed = lookAt(() => child.pid, file);
  try {
    await child.waitForLine((line) => line === 'ready', 'start', 20_000);
    await probed.look();
    process.kill(child.pid, 'SIGHUP');
    await child.waitForLine((line) => line === 'blocked', 'block', 20_000);
    const blocked = await probed.look();
    expect(blocked.longestBlockMs).toBeGreaterThan(250);
    expect(blocked.cpuSeconds).toBeGreaterThan(0.25);
    expect(blocked.residentMb).toBeGreaterThan(10);
    expect(blocked.peakMb).toBeGreaterThanOrEqual(blocked.residentMb);
    expect((await probed.look()).longestBlockMs).toBeLessThan(blocked.longestBlockMs);
  } finally {
    await child.end('SIGKILL');
  }
});
