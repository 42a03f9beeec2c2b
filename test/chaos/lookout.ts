/**
 * `node lookout.ts <configuration> <epoch> <leaps> [switch]`: runs Lookout as `lookout run` does, but with a faster
 * clock, which the file `leaps` can set, and without one of its safeguards if a switch is named. Ends at SIGTERM, and
 * reloads at SIGHUP. Among several processes two variables tell it apart: CHAOS_PROXY, through which its requests leave, and
 * CHAOS_CLOCK, a file like `leaps` for the clock of its machine.
 */
import { extensions } from '../../src/command-line/extensions.ts';
import { type Running, runWork } from '../../src/command-line/run-work.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLog } from '../../src/log.ts';
import { takeLease } from '../../src/store/postgres/take-lease.ts';
import { systemClock } from '../../src/time/clock.ts';
import { createFastClock, leapMs, leapsIn } from './fast-clock.ts';
import { leaseWithout, type Switch, safeguardsWithout } from './switches.ts';

const [file = '', epoch = '', leaps = '', without] = process.argv.slice(2);
const leftOut = (without as Switch | undefined) ?? null;
const { CHAOS_PROXY: proxy, CHAOS_CLOCK: machine } = process.env;
const { config, problems } = loadConfig(file, process.env, extensions);
if (config === null) throw new Error(JSON.stringify(problems));

/** Lets requests leave through the proxy, which otherwise nothing does on loopback. */
function observed(config: Config): Config {
  if (proxy === undefined) return config;
  const way = { url: new URL(proxy), from: 'HTTP_PROXY' } as const;
  const proxyFor = ({ protocol }: URL) => (protocol === 'http:' ? way : null);
  return { ...config, network: { ...config.network, proxies: { all: [], proxyFor } } };
}

const leapsOfMachine = machine === undefined ? () => 0 : leapsIn(machine);

/** The leases are of real time, by the server's clock; all that works under them is faster. */
const takeFastLease: typeof takeLease = async (options) => {
  const clock = { ...systemClock, wall: () => Date.now() + leapsOfMachine() * leapMs };
  const lease = await takeLease({ ...options, clock });
  if ('heldBy' in lease) return lease;
  console.error(`--- holds the lease ${lease.unit} ${lease.epoch}`);
  const clockOfServer = createFastClock(Number(epoch), leapsIn(leaps), lease.clock.wall);
  return { ...leaseWithout(leftOut, lease), clock: { ...clockOfServer, boot: () => null } };
};

let running: Running | null = null;
const log = createLog({
  write: (line) => process.stderr.write(line),
  forPeople: false,
  color: false,
  level: 'debug',
  secrets: () => running?.secrets() ?? config.secrets,
});
// Registered first: one that comes during the start does nothing, as with `lookout run`.
process.on('SIGHUP', () => void running?.reloader?.reload('SIGHUP'));
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
const working = new Set<string>();
const ended = await runWork(
  {
    config: observed(config),
    clock: createFastClock(Number(epoch), leapsIn(leaps)),
    log,
    logLevel: log,
    readConfig() {
      const loaded = loadConfig(file, process.env, extensions);
      return { ...loaded, config: loaded.config === null ? null : observed(loaded.config) };
    },
    write: async () => {},
    color: false,
    columns: null,
    input: null,
    version: 'chaos',
    ...extensions,
    safeguards: safeguardsWithout(leftOut),
  },
  {
    signal: stopping.signal,
    onRunning(now) {
      running = now;
    },
    hooks: {
      takeLease: takeFastLease,
      onUnits(units) {
        const names = units.map(({ name }) => name);
        for (const name of names) if (!working.has(name)) console.error(`--- works on ${name}`);
        working.clear();
        for (const name of names) working.add(name);
      },
    },
  },
).catch((err: unknown) => {
  console.error(err);
  const [line] = (err instanceof Error ? err.message : String(err)).split('\n');
  console.error(`--- cannot go on: ${line}`);
  process.exit(1);
});
if (ended.ending !== null) console.error(`--- cannot go on: ${ended.ending.text}`);
await ended.stop(1_000);
process.exit(ended.code);
