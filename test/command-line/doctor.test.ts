// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportOf } from '../../src/command-line/doctor-report.ts';
import { extensions } from '../../src/command-line/extensions.ts';
import { startControlServer } from '../../src/control/control-server.ts';
import { troublesRoute } from '../../src/control/troubles.ts';
import { createLog, silentLog } from '../../src/log.ts';
import { openStore } from '../../src/store/open-store.ts';

const dump = readFileSync(fileURLToPath(new URL('../store/first-release.sql', import.meta.url)), 'utf8');
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-doctor-'));
  file = join(folder, 'config.yaml');
  const database = new DatabaseSync(join(folder, 'lookout.db'));
  database.exec(dump);
  database.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

function configure(text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o600);
}

const report = async (environment: Readonly<Record<string, string>> = {}) => {
  const text = await reportOf({ file, environment, extensions, version: '1.2.3', now: Date.UTC(2026, 10, 29) });
  return { text, json: JSON.parse(text) };
};
const rest = 'store: sqlite:lookout.db\nrooms: { hq: "console:hq" }\nsubscriptions: [{ events: posts, rooms: hq }]\n';

describe('lookout doctor', () => {
  it('reports the version, the configuration, what waits, dead letters and gaps', async () => {
    const { db, close } = await openStore(join(folder, 'lookout.db'));
    await db.updateTable('sends').set({ state: 'dead', reason: '400 no' }).where('id', '=', 1).execute();
    await close();
    configure(`source: { url: demo }\n${rest}`);
    const { json } = await report();
    expect(json).toMatchObject({
      ...{ version: '1.2.3', written: '2026-11-29T00:00:00.000Z', node: process.version },
      configuration: { errors: 0, config: { rooms: [{ name: 'hq' }] } },
      running: { problem: expect.stringMatching(/./) },
      database: {
        deliveries: [{ room: 'away', state: 'waiting', number: 3 }],
        deadLetters: [{ id: 1, room: 'here', subject: 'post:1001', reason: '400 no' }],
        gaps: [],
      },
    });
    expect(json.database.migrations.length).toBeGreaterThan(20);
  });

  it('has the last warnings and errors of the running Lookout', async () => {
    const log = createLog({ write() {}, forPeople: true, color: false, level: 'info', secrets: () => [] });
    log.info({}, 'all is well');
    log.warn({ room: 'hq' }, 'a room is gone');
    log.error({ err: new Error('no luck') }, 'it failed');
    const server = await startControlServer({
      ...{ storeFile: join(folder, 'lookout.db'), routes: [troublesRoute(log)], version: '1.2.3', log: silentLog },
      secrets: () => [],
    });
    try {
      configure(`source: { url: demo }\n${rest}`);
      const { json } = await report();
      const told = json.running.troubles.map((line: string) => JSON.parse(line).msg);
      expect(told).toEqual(['a room is gone', 'it failed']);
    } finally {
      await server.stop();
    }
  });

  it('reads the database of an older version without a change, and says what it cannot read', async () => {
    configure(`source: { url: demo }\n${rest}`);
    const { json } = await report();
    expect(json.database.migrations).toMatchObject([{ name: '0001-outbox' }]);
    expect(json.database.gaps).toEqual({ problem: 'no such table: gaps' });
    writeFileSync(join(folder, 'lookout.db'), 'not a database'.repeat(500));
    expect((await report()).json.database.events).toEqual({ problem: 'file is not a database' });
  });

  it('works with a configuration that is wrong, and reports its mistakes', async () => {
    configure(`source: { url: demo }\n${rest}metrix: {}\n`);
    const { json } = await report();
    expect(json.configuration).toMatchObject({ errors: 1, config: null, problems: [{ line: 5 }] });
    expect(json.database.deliveries).toMatchObject([{ room: 'away' }]);
  });

  it('shows no secret of the configuration, wherever one got to, whether the configuration is right or wrong', async () => {
    const character = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
    const secret = fc.array(character, { minLength: 12, maxLength: 40 }).map((characters) => `s${characters.join('')}`);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(secret, { minLength: 4, maxLength: 4 }),
        fc.boolean(),
        async (secrets, isWrong) => {
          const [key = '', token = '', inFile = '', hub = ''] = secrets;
          writeFileSync(join(folder, 'matrix-token'), inFile, { mode: 0o600 });
          configure(
            'source: { url: "wss://m.test/cable", key: "${KEY}" }\n' +
              'chats: { discord: { token: "${TOKEN}" }, matrix: { homeserver: "https://m.test", token_file: matrix-token } }\n' +
              `hub: { key: "\${HUB}" }\n${isWrong ? 'metrix: {}\n' : ''}${rest}`,
          );
          const database = new DatabaseSync(join(folder, 'lookout.db'));
          const bad = `${secrets.join(' ')} ${JSON.stringify(secrets)} ${secrets.map(encodeURIComponent).join('&')}`;
          database.prepare("update sends set state = 'dead', reason = ?").run(bad);
          database.prepare("update events set state = 'failed', failure = ?").run(bad);
          database.close();
          const { text, json } = await report({ KEY: key, TOKEN: token, HUB: hub });
          expect(json.database.deadLetters[0].reason).toContain('[secret]');
          const forms = secrets.flatMap((one) => [one, JSON.stringify(one).slice(1, -1), encodeURIComponent(one)]);
          expect(forms.filter((form) => text.includes(form))).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
