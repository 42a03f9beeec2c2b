/**
 * `node lookout.ts <configuration> <epoch> <leaps> [switch]`: runs Lookout as `lookout run` does, but with a faster
 * clock, which the file `leaps` can set, and without one of its safeguards if a switch is named. Ends at SIGTERM, and
 * reloads at SIGHUP.
 */
import { type App, startApp } from '../../src/app/start-app.ts';
import { extensions } from '../../src/command-line/extensions.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLog } from '../../src/log.ts';
import { createFastClock, leapsIn } from './fast-clock.ts';
import { type Switch, safeguardsWithout } from './switches.ts';

const [file = '', epoch = '', leaps = '', without] = process.argv.slice(2);
const { config, problems } = loadConfig(file, process.env, extensions);
if (config === null) throw new Error(JSON.stringify(problems));
let app: App | null = null;
const log = createLog({
  write: (line) => process.stderr.write(line),
  forPeople: false,
  color: false,
  level: 'debug',
  secrets: () => app?.base.config().secrets ?? config.secrets,
});
// Registered first: one that comes during the start does nothing, as with `lookout run`.
process.on('SIGHUP', () => void app?.reloader?.reload('SIGHUP'));
app = await startApp({
  config,
  clock: createFastClock(Number(epoch), leapsIn(leaps)),
  log,
  logLevel: log,
  readConfig: () => loadConfig(file, process.env, extensions),
  write: async () => {},
  color: false,
  columns: null,
  input: null,
  version: 'chaos',
  ...extensions,
  safeguards: safeguardsWithout((without as Switch | undefined) ?? null),
});
process.once('SIGTERM', async () => {
  await app?.stop(1_000);
  process.exit(0);
});
