/**
 * `node crashing-lookout.ts run -c <configuration>`: runs Lookout as `lookout run` does, with two files in the working
 * directory that a test writes. `crash` names an instant at which the process kills itself, once. If there is a file
 * `apart`, what a message changed in the encryption is not stored with the message but later, which breaks a promise.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Adapter, Sealing, SendRequest } from '../../../src/adapters/adapter.ts';
import type { Platform } from '../../../src/adapters/platform.ts';
import { safeguards } from '../../../src/app/safeguards.ts';
import { startApp } from '../../../src/app/start-app.ts';
import { extensions } from '../../../src/command-line/extensions.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createLog } from '../../../src/log.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { apartFile, type CrashInstant, crashFile } from './crash-files.ts';

function crashIfAsked(instant: CrashInstant): void {
  if (!existsSync(crashFile) || readFileSync(crashFile, 'utf8') !== instant) return;
  rmSync(crashFile);
  process.kill(process.pid, 'SIGKILL');
}

function crashing(adapter: Adapter): Adapter {
  const send = (request: SendRequest, signal: AbortSignal) => {
    const { storeSealed } = request;
    if (storeSealed === undefined) return adapter.send(request, signal);
    const around = async (sealing: Sealing) => {
      crashIfAsked('encrypted');
      await storeSealed(sealing);
      crashIfAsked('stored');
    };
    return adapter.send({ ...request, storeSealed: around }, signal);
  };
  return new Proxy(adapter, {
    get(target, name) {
      if (name === 'send') return send;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const { config, problems } = loadConfig(process.argv.at(-1) ?? '', process.env, extensions);
if (config === null) throw new Error(JSON.stringify(problems));
const log = createLog({
  write: (line) => process.stderr.write(line),
  forPeople: false,
  color: false,
  level: 'info',
  secrets: () => config.secrets,
});
const app = await startApp({
  config,
  clock: systemClock,
  log,
  logLevel: log,
  readConfig: null,
  write: async () => {},
  color: false,
  columns: null,
  input: null,
  version: 'crashing',
  ...extensions,
  platforms: extensions.platforms.map(
    (platform): Platform => ({
      ...platform,
      createAdapter: async (settings, parts) => crashing(await platform.createAdapter(settings, parts)),
    }),
  ),
  safeguards: existsSync(apartFile) ? { ...safeguards, stateWith: () => null } : safeguards,
});
process.once('SIGTERM', async () => {
  await app.stop(1_000);
  process.exit(0);
});
