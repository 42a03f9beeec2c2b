import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { startCableServer } from '../support/cable-server.ts';
import { startChild } from '../support/child.ts';

const program = fileURLToPath(new URL('../../src/lookout.js', import.meta.url));

async function start(key: object) {
  const folder = mkdtempSync(join(tmpdir(), 'lookout-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const cable = await startCableServer();
  onTestFinished(() => cable.stop());
  cable.behave({ answer: 'reject' });
  const configuration = {
    source: { url: cable.url, ...key },
    store: 'memory',
    rooms: { here: 'console:here' },
    subscriptions: [{ events: 'posts#create', rooms: 'here' }],
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
  writeFileSync(join(folder, 'the.key'), 'an-old-key-of-the-test', { mode: 0o600 });
  const child = startChild(process.execPath, [program, 'run'], { cwd: folder, env: { PATH: process.env.PATH } });
  onTestFinished(async () => void (await child.end('SIGKILL')));
  await child.waitForLine((line) => line.includes('rejects the API key'), 'that the key is rejected');
  return child;
}

it('a rejected key ends Lookout if nothing waits, since it cannot change', async () => {
  const child = await start({ key: 'an-old-key-of-the-test' });
  expect(await child.exited).toMatchObject({ code: 1 });
});

it('a rejected key in a file does not end Lookout, since the file is read again', async () => {
  const child = await start({ key_file: 'the.key' });
  const isOver = Promise.race([child.exited.then(() => true), new Promise((done) => setTimeout(done, 3_000, false))]);
  expect(await isOver).toBe(false);
});
