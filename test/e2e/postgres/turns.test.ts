import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { safeguards } from '../../../src/app/safeguards.ts';
import { extensions } from '../../../src/command-line/extensions.ts';
import { takeTurns, waitForLease } from '../../../src/command-line/take-turns.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { silentLevel } from '../../../src/log.ts';
import type { Lease } from '../../../src/store/postgres/lease.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { startPostgres } from '../../support/postgres/server.ts';
import { until } from '../../support/until.ts';

test('a process that loses the database while it starts stands by, and works when its turn comes again', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const folder = mkdtempSync(join(tmpdir(), 'lookout-turns-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'config.yaml');
  writeFileSync(
    file,
    `source: { url: demo }\nstore: ${server.url('postgres')}\nrooms: { hq: "console:hq" }\nsubscriptions: [{ events: posts, rooms: hq }]\n`,
  );
  const { config } = loadConfig(file, {}, extensions);
  if (config === null) throw new Error('the configuration is wrong');
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const stopping = new AbortController();
  const leases: Lease[] = [];
  let isWorking = false;
  const options = {
    ...{ config, log, logLevel: silentLevel, clock: systemClock, readConfig: null, color: false, columns: null },
    ...{ write: async () => {}, input: null, version: 'test', safeguards, ...extensions },
  };
  const ended = takeTurns(options, {
    signal: stopping.signal,
    onTurn: (app) => {
      isWorking = app !== null;
    },
    async waitForLease(given, signal) {
      const lease = await waitForLease(given, signal);
      if (lease === null) return null;
      leases.push(lease);
      if (leases.length > 1) return lease;
      // The first write of the first turn meets the end of its connection.
      return { ...lease, begin: async () => Promise.reject(new Error('Connection terminated unexpectedly')) };
    },
  });
  await until(() => isWorking, { patienceMs: PATIENCE_MS });
  expect(leases.map(({ epoch }) => epoch)).toEqual([1, 2]);
  expect(log.error.mock.calls.map(([, text]) => text)).toEqual([
    'the database went away during the start: this process stands by',
  ]);
  stopping.abort();
  const { code, app } = await ended;
  await app?.stop(1_000);
  expect(code).toBe(0);
});
