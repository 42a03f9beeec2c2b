import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { platforms } from '../../src/adapters/platforms.ts';
import { safeguards } from '../../src/app/safeguards.ts';
import { type App, startApp } from '../../src/app/start-app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { silentLog } from '../../src/log.ts';
import { insertSubscription } from '../../src/rooms/stored-subscriptions.ts';
import { openStore } from '../../src/store/open-store.ts';
import { systemClock } from '../../src/time/clock.ts';
import { folderWith } from '../config/config-files.ts';
import { type CableServer, startCableServer } from '../support/cable-server.ts';
import { until } from '../support/until.ts';

let cable: CableServer;
let app: App | null;

beforeEach(async () => {
  cable = await startCableServer();
  app = null;
});
afterEach(async () => {
  await app?.stop(0);
  await cable.stop();
});

it('sends a wave to a room that a command made as a digest, as to a room of the file', async () => {
  const folder = folderWith({
    'config.yaml': [
      `source: { url: "${cable.url}", key: secret }`,
      'store: sqlite:lookout.db',
      'rooms: { here: "console:here" }',
      'commands: { rooms: any }',
      'subscriptions: [{ events: flags#create, rooms: here }]',
    ].join('\n'),
  });
  const store = await openStore(join(folder, 'lookout.db'));
  await store.db.transaction().execute((trx) =>
    insertSubscription(trx, {
      ...{ id: 's1', address: 'console:made', events: 'posts#create', where: null, template: null },
      ...{ author: 'ann', createdAt: systemClock.now() },
    }),
  );
  await store.close();
  const { config } = loadConfig(join(folder, 'config.yaml'), {}, platforms);
  const shown: string[] = [];
  app = await startApp({
    ...{ config: config!, clock: systemClock, log: silentLog, version: 'test', safeguards, platforms },
    ...{ color: false, columns: 100, input: null },
    write: async (text) => void shown.push(stripVTControlCharacters(text)),
  });
  const client = await cable.client();
  await client.subscribed();
  for (let id = 1; id <= 200; id++) {
    const at = new Date(systemClock.now()).toISOString();
    const object = { id, title: `Title ${id}`, link: `//a.stackexchange.com/q/${id}`, created_at: at, updated_at: at };
    client.message({ event_type: 'create', event_class: 'Post', object });
  }
  await until(() => shown.join('').includes('Title 200'));
  expect(shown.join('')).toMatch(/\d+ reports on a\.stackexchange\.com/);
  expect(shown.length).toBeLessThan(200);
});
