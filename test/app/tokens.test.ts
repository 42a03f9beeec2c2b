import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createAdapter } from '../../src/app/create-adapters.ts';
import { safeguards } from '../../src/app/safeguards.ts';
import { extensions } from '../../src/command-line/extensions.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLog } from '../../src/log.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createWriter } from '../../src/store/writer.ts';
import { systemClock } from '../../src/time/clock.ts';
import { folderWith } from '../config/config-files.ts';
import { fakeToken, startHomeserver } from '../support/homeserver.ts';

const refreshToken = 'syr_refresh_number_1';

it('keeps new tokens of an account in the database, uses them after a restart, and shows none in the log', async () => {
  const homeserver = await startHomeserver();
  onTestFinished(() => homeserver.stop());
  homeserver.refreshToken = refreshToken;
  const folder = folderWith({
    'config.yaml': `source: { url: demo }
store: sqlite:a.db
chats: { matrix: { homeserver: "${homeserver.url}", token: ${fakeToken}, refresh_token: ${refreshToken} } }
rooms: { hq: "matrix:!hq:fake.test" }
subscriptions: [{ events: posts, rooms: hq }]
`,
  });
  const logged: string[] = [];
  /** One life of the program, as far as accounts are concerned. */
  async function live(): Promise<void> {
    const { config } = loadConfig(join(folder, 'config.yaml'), {}, extensions);
    const secrets = () => config?.secrets ?? [];
    const write = (line: string) => void logged.push(line);
    const log = createLog({ write, forPeople: false, color: false, level: 'debug', secrets });
    const store = await openStore(join(folder, 'a.db'));
    const shown = { write: async () => {}, color: false, columns: null, input: null };
    const lookout = { clock: systemClock, log, logLevel: log, readConfig: null, version: 'test', safeguards };
    const options = { ...shown, ...extensions, ...lookout, config: config! };
    const adapter = await createAdapter('matrix', config!, options, {
      db: store.db,
      writer: createWriter(store.db, systemClock),
      count() {},
      end() {},
    });
    expect(await adapter?.login(new AbortController().signal)).toMatchObject({ outcome: 'ready' });
    log.info({ token: homeserver.refreshToken }, `the refresh token is ${homeserver.refreshToken}`);
    await adapter?.stop();
    await store.close();
  }

  homeserver.expire();
  await live();
  const seen = homeserver.seen.length;
  await live();
  expect(homeserver.seen[seen]?.headers.authorization).toBe('Bearer syt_access_number_2');
  expect(logged.filter((line) => line.includes('the refresh token is [secret]'))).toHaveLength(2);
  expect(logged.join('')).not.toMatch(/syt_|syr_/);
});
