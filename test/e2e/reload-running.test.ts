import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseScrape } from '../metrics/prometheus-text.ts';
import { type CableServer, startCableServer } from '../support/cable-server.ts';
import { type LookoutProcess, startLookout } from '../support/lookout-process.ts';

const launcher = fileURLToPath(new URL('../../src/lookout.js', import.meta.url));
let folder: string;
let cable: CableServer;
let lookout: LookoutProcess;
let pings: NodeJS.Timeout;

/** Writes the configuration, with `reload: off` unless it says otherwise. */
function configure(more: object): void {
  const configuration = {
    source: { url: cable.url, key: 'a-key' },
    store: 'sqlite:lookout.db',
    rooms: { hall: 'console:here' },
    subscriptions: [{ events: 'posts#create', rooms: 'hall' }],
    metrics: { port: 0 },
    reload: 'off',
    ...more,
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
}

/** Runs a command of the command line beside the running Lookout. */
function run(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [launcher, ...args], { cwd: folder }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

const said = (text: string) => lookout.waitForLog(({ msg }) => String(msg).includes(text), text);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-reload-'));
  cable = await startCableServer();
  configure({});
  lookout = startLookout({ config: 'config.yaml', directory: folder, env: {} });
  await said('and subscribed');
  pings = setInterval(() => cable.newest?.ping(), 3_000);
});
afterEach(async () => {
  clearInterval(pings);
  await lookout.kill();
  await cable.stop();
  rmSync(folder, { recursive: true });
});

it('reloads on request, on SIGHUP and after a change of the file, and refuses what `check` refuses', async () => {
  expect(await run('reload')).toEqual({ code: 0, out: 'nothing changed\n', err: '' });

  configure({ derived: { lost_after: '3m' } });
  expect(await run('reload')).toEqual({ code: 0, out: 'derived.lost_after: now 3 min, before 2 min\n', err: '' });

  configure({ operators: 'nowhere' });
  const refused = await run('reload');
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toMatch(
    /^config\.yaml:1:\d+: unknown room "nowhere": .*\nrefused; the configuration before it is used on\n$/,
  );
  const { url } = await lookout.waitForLog(({ url }) => String(url).startsWith('http:'), 'metrics');
  const success = async () =>
    parseScrape(await (await fetch(`${url}/metrics`)).text()).get('lookout_config_last_reload_success');
  expect(await success()).toBe(0);

  configure({ reload: 'on' });
  process.kill(lookout.pid, 'SIGHUP');
  await said('configuration reloaded (SIGHUP): 2 changes');
  expect(await success()).toBe(1);

  configure({ reload: 'on', greet: 'off' });
  await said('configuration reloaded (a changed file): 1 change');
  await said('greet: now off, before on');
  expect(cable.connections).toBe(1);
});

it('answers the command line until it ends, and says so afterwards', async () => {
  expect(await run('log-level', 'debug')).toEqual({ code: 0, out: 'debug (before: info)\n', err: '' });
  const client = await cable.client();
  client.message({ event_type: 'create', event_class: 'Post', object: { id: 1, title: 'T' } });
  await said('e1 received and stored: posts#create post:1');
  await lookout.stop();
  expect(existsSync(join(folder, 'lookout.db.sock'))).toBe(false);
  const { code, err } = await run('reload');
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(
      /^no Lookout runs on this store: .*lookout\.db \(of config\.yaml\): `lookout run` starts it\n$/,
    ),
  ]);
});
