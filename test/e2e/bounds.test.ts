import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { startHub } from '../../src/hub/hub.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { startMetricsServer } from '../../src/metrics/metrics-server.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { systemClock } from '../../src/time/clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'lookout-bounds-'));
afterAll(() => rmSync(folder, { recursive: true }));

const script = fileURLToPath(new URL('support/bounds-case.ts', import.meta.url));
/** Limit of JavaScript's heap; Node's own memory comes on top, and the sum stays below `limitMb`. */
const heapMb = 320;
const limitMb = 512;

interface Measured {
  readonly maxRssMb: number;
  readonly lagMs: number;
  readonly [name: string]: unknown;
}

async function measured(name: string): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${heapMb}`,
    script,
    name,
    folder,
  ]);
  const result = JSON.parse(stdout) as Measured;
  console.log(name, stdout.trim());
  expect(result.maxRssMb).toBeLessThan(limitMb);
  return result;
}

describe('a process of 512 MB handles', () => {
  it('10,000 feedbacks on one post, each for the same', async () => {
    const { earlyMs, lateMs, ...rest } = await measured('feedbacks');
    expect(rest).toMatchObject({ title: 'Buy', tp: 6_667, fp: 3_333, listed: 200, told: ['confirmed', 'disputed'] });
    expect(lateMs).toBeLessThan(3 * (earlyMs as number));
  });

  it('more than 5,000 events on one post, whose card keeps its title', async () => {
    const { earlyMs, lateMs, ...rest } = await measured('updates');
    expect(rest).toMatchObject({ title: 'Buy', body: 5_000 });
    expect(lateMs).toBeLessThan(3 * (earlyMs as number));
  });

  it('4,000 reports with merge_reports, at about the cost of those without', async () => {
    const { withoutMs, withMs, merged } = await measured('reports');
    expect(merged).toBe(1_000);
    expect(withMs).toBeLessThan(5 * (withoutMs as number));
  });

  it('50 allowed conditions on 60 posts of 32 kB that are made for them', async () => {
    const { longestMs, failed } = await measured('conditions');
    expect(longestMs).toBeLessThan(5 * 50);
    expect(failed).toBeGreaterThan(1_000);
  });

  it('40 clients of the hub that send no key, send requests without end, and do not read', async () => {
    expect((await measured('strangers')).clients).toBe(0);
  });
});

describe('a client that opens a socket and sends little or nothing is disconnected', () => {
  const closedAfter = async (port: number, text: string) => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    socket.resume();
    if (text !== '') socket.write(text);
    const began = performance.now();
    // A character now and then keeps no socket open.
    const drip = text === '' ? undefined : setInterval(() => socket.write('a'), 1_000);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(drip);
    return performance.now() - began;
  };

  it('by the hub and by the metrics', async () => {
    const catalogue = createCatalogue();
    const hub = await startHub({
      port: 0,
      keys: [new Secret('k', 'here')],
      clock: systemClock,
      log: silentLog,
      catalogue,
    });
    const metrics = await startMetricsServer({
      host: '127.0.0.1',
      port: 0,
      names: [],
      metrics: { text: async () => '', contentType: 'text/plain' },
      causesOfUnreadiness: () => [],
      log: silentLog,
    });
    const ports = [hub.url, metrics.url].map((url) => Number(new URL(url).port));
    const beginnings = ['', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '];
    const took = await Promise.all(ports.flatMap((port) => beginnings.map((text) => closedAfter(port, text))));
    for (const ms of took) expect(ms).toBeLessThan(40_000);
    await Promise.all([hub.stop(), metrics.stop()]);
  });
});
