import { extensions } from '../../src/command-line/extensions.ts';
/**
 * `node unlimited-lookout.ts run -c <configuration>`: runs Lookout as `lookout run` does, but it sends to Discord as
 * fast as it can. Our own limit of 50 requests a second
 * (https://docs.discord.com/developers/topics/rate-limits#global-rate-limit) would hide the costs of sending.
 */

import { safeguards } from '../../src/app/safeguards.ts';
import { startApp } from '../../src/app/start-app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLog } from '../../src/log.ts';
import { systemClock } from '../../src/time/clock.ts';

const { config, problems } = loadConfig(process.argv[4] ?? '', process.env, extensions);
if (config === null) throw new Error(JSON.stringify(problems));
// An option of the adapter without a key in the configuration.
const discord = config.chats.discord ? { ...config.chats.discord, requestsPerSecond: Number.POSITIVE_INFINITY } : null;
const log = createLog({
  write: (line) => process.stderr.write(line),
  forPeople: false,
  color: false,
  level: 'info',
  secrets: () => config.secrets,
});
const app = await startApp({
  config: { ...config, chats: { ...config.chats, discord } },
  clock: systemClock,
  log,
  logLevel: log,
  readConfig: null,
  write: async () => {},
  color: false,
  columns: null,
  input: null,
  version: 'bench',
  safeguards,
  ...extensions,
});
process.once('SIGTERM', async () => {
  await app.stop(1_000);
  process.exit(0);
});
