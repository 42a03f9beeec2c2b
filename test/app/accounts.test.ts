import { expect, it } from 'vitest';
import { matrix } from '../../src/adapters/matrix/platform.ts';
import { type AccountsParts, type AccountUsers, createAccounts } from '../../src/app/accounts.ts';
import { createLifecycle } from '../../src/app/lifecycle.ts';
import type { AppOptions } from '../../src/app/options.ts';
import { silentLog } from '../../src/log.ts';
import { read } from '../config/config-files.ts';
import { before, type Tree } from '../reload/key-changes.ts';
import { createScriptedAdapter } from '../support/scripted-adapter.ts';
import { createTestClock } from '../support/test-clock.ts';

it('has one stop for an account, however often it comes and goes', async () => {
  const { matrix: settings, ...others } = before.chats as Tree;
  const [there, gone] = [{ ...others, matrix: settings! }, others].map((chats) =>
    read(JSON.stringify({ ...before, chats, rooms: { ops: 'console:ops' }, operators: 'ops', subscriptions: [] })),
  );
  let config = there!.config!;
  let running = 0;
  const platform = {
    ...matrix,
    async createAdapter() {
      running++;
      return { ...createScriptedAdapter(), stop: async () => void running-- };
    },
  };
  const [clock, log] = [createTestClock(), silentLog];
  const lifecycle = createLifecycle({ clock, log });
  const stops: string[] = [];
  const options = { platforms: [platform], clock, log } as unknown as AppOptions;
  const parts = { config: () => config, monitoring: { counted: (one: object) => one } } as unknown as AccountsParts;
  const accounts = createAccounts(options, parts, {
    ...lifecycle,
    onStop(name, stop) {
      stops.push(name);
      lifecycle.onStop(name, stop);
    },
  });
  const users = {
    outbox: { addAccount: () => ({ start() {} }), removeAccount: async () => {}, accounts: [] },
    listen() {},
  } as unknown as AccountUsers;
  await accounts.createAll();
  for (let times = 0; times < 500; times++) {
    config = gone!.config!;
    await accounts.configure('matrix', users);
    expect(running).toBe(0);
    config = there!.config!;
    await accounts.configure('matrix', users);
  }
  expect([stops, running]).toEqual([['the matrix adapter'], 1]);
  await lifecycle.stop(0);
  expect(running).toBe(0);
});
