import { expect, it } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { Reloader } from '../../src/reload/reloader.ts';
import { read } from '../config/config-files.ts';
import { createTestClock } from '../support/test-clock.ts';
import { before } from './key-changes.ts';

it('takes a bug in reading the configuration for a failed reload, and reads it again the next time', async () => {
  const loaded = read(JSON.stringify(before));
  let isBroken = true;
  const told: string[] = [];
  const reloader = new Reloader({
    config: () => loaded.config!,
    read() {
      if (isBroken) throw new Error('a bug');
      return loaded;
    },
    platforms: [],
    apply: async () => [],
    onEnd: ({ outcome }) => told.push(outcome),
    tell: (_, text) => void told.push(text),
    ...{ clock: createTestClock(), log: silentLog },
  });
  const problems = [expect.stringContaining('a bug')];
  expect(await reloader.reload('SIGHUP')).toEqual({ outcome: 'failed', changes: [], problems });
  isBroken = false;
  expect(await reloader.reload('SIGHUP')).toMatchObject({ outcome: 'applied' });
  expect(told).toEqual([
    expect.stringContaining('a bug'),
    'failed',
    'The changed configuration is in order and in effect.',
    'applied',
  ]);
});

it('says nothing of a configuration that a stop leaves behind', async () => {
  const loaded = read(JSON.stringify(before));
  const said: string[] = [];
  const note = (_: unknown, text: string) => void said.push(text);
  const reloader = new Reloader({
    config: () => loaded.config!,
    read: () => loaded,
    platforms: [],
    apply: async () => [],
    onEnd() {},
    tell: note,
    ...{ clock: createTestClock(), log: { debug: note, info: note, warn: note, error: note } },
  });
  const reloaded = reloader.reload('SIGHUP');
  await reloader.stop();
  expect([await reloaded, said]).toMatchObject([{ outcome: 'failed' }, []]);
});
