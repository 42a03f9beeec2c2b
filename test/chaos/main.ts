/** `npm run chaos`: injects faults at random instants, and then checks if anything was lost, duplicated or out of order. */
import { fileURLToPath } from 'node:url';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { requireServers } from '../e2e/support/needs.ts';
import { postgresPrograms } from '../support/postgres/server.ts';
import { createMatrixDoubles } from './matrix-double.ts';
import { startMatrixSynapse } from './matrix-synapse.ts';
import { type TrialKind, trialKinds } from './stage-rooms.ts';
import { type Switch, switches } from './switches.ts';
import { tableOf, takeoversOf } from './table.ts';
import { complaintsOf, isFailure, runTrial, type Trial } from './trial.ts';
import { startTrialDatabases } from './trial-store.ts';

const usage = `Usage: npm run chaos [-- <options>]

Kills, cuts and refuses at random instants, then checks if anything was lost, sent twice or out of order. Exits with 1 if so.

  --kind faults|flood  faults (default); flood: fifty rooms and bursts of two thousand events
  --trials <number>    so many trials (100)
  --seed <number>      the seed of all that is random (1)
  --synapse            a real homeserver, with an encrypted room among the rooms
  --postgres           several processes with one database on a real PostgreSQL server, and faults of theirs
  --processes <number> so many of them (3)
  --shards <number>    so many shards of the bot on Discord, with several processes (1)
  --only <trial>       that trial alone
  --until-failure      ends with the first trial that failed
  --without <name>     leaves a safeguard out, so that trials must fail: ${switches.join(', ')}

It needs Ruby with Rails' Action Cable, and with --synapse Synapse, with --postgres a server: bash .ci/install-servers
`;

/** Reads the command line; exits with 2 and the usage if it is wrong. */
function readArguments<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

const { values } = readArguments({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    kind: { type: 'string', default: 'faults' },
    trials: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    synapse: { type: 'boolean', default: false },
    postgres: { type: 'boolean', default: false },
    processes: { type: 'string', default: '3' },
    shards: { type: 'string', default: '1' },
    without: { type: 'string' },
    only: { type: 'string' },
    'until-failure': { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const kind = trialKinds.find((each) => each === values.kind);
if (kind === undefined) {
  console.error(`--kind ${values.kind} is not known; there are: ${trialKinds.join(', ')}`);
  process.exit(2);
}
const without = (values.without ?? null) as Switch | null;
if (without !== null && !switches.includes(without)) {
  console.error(`--without ${without} is not a safeguard; these are: ${switches.join(', ')}`);
  process.exit(2);
}
const seed = Number(values.seed);
const only = values.only === undefined ? null : Number(values.only);
const last = only ?? Number(values.trials);
const processes = Number(values.processes);
const shards = Number(values.shards);
if (![seed, last, processes, shards].every(Number.isSafeInteger)) {
  console.error('--trials, --seed, --only, --processes and --shards take whole numbers');
  process.exit(2);
}
if (shards > 1 && !values.postgres) {
  console.error('--shards is for several processes: give --postgres, too');
  process.exit(2);
}
try {
  requireServers({ needsSynapse: values.synapse });
  if (values.postgres) postgresPrograms();
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
// As in vitest.config.ts: it halves the start of each process, of which a trial has one after each kill.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));
// Started processes end with this one, even after Ctrl-C.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const trials: Trial[] = [];
let next = only ?? 1;

/** Runs one trial after the other; two of these keep two cores busy. */
async function work(kind: TrialKind): Promise<void> {
  const databases = values.postgres ? await startTrialDatabases() : null;
  const several = databases === null ? null : { databases, processes, shards };
  const matrixSides = values.synapse ? await startMatrixSynapse() : createMatrixDoubles();
  while (next <= last && !(values['until-failure'] && trials.some(isFailure))) {
    const number = next++;
    const options = { kind, without, matrixSides, several };
    const trial = await runTrial({ ...options, number, seed: (seed * 1_000_003 + number) >>> 0 });
    trials.push(trial);
    const { events, tookMs, directory } = trial;
    const wrong = complaintsOf(trial);
    const said = wrong.length === 0 ? 'good' : `${wrong.length} wrong, kept in ${directory}`;
    console.error(`trial ${number}: ${events} events, ${said} (${(tookMs / 1_000).toFixed(1)} s)${takeoversOf(trial)}`);
    for (const text of wrong.slice(0, 5)) console.error(`  ${text}`);
  }
  await matrixSides.stop();
  await databases?.stop();
}
// A flood keeps both cores busy by itself.
const isAlone = kind === 'flood';
await Promise.all(isAlone ? [work(kind)] : [work(kind), work(kind)]);
const homeserver = values.synapse ? 'Synapse' : 'double';
const severalOf = values.postgres ? { processes, shards } : null;
console.log(tableOf(trials, { kind, seed, without, homeserver, several: severalOf }));
process.exit(trials.some(isFailure) ? 1 : 0);
