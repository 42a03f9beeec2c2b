/**
 * `npm run chaos -- [--kind faults|flood] [--trials 100] [--seed 1] [--synapse] [--without <safeguard>] [--only
 * <trial>] [--until-failure]`: injects faults at random instants, and then checks if anything was lost, duplicated or
 * out of order. Exits with 1 if so. With `--synapse` the homeserver is a real one, and another room is encrypted. `--kind flood` has fifty rooms and
 * bursts of two thousand events.
 */
import { parseArgs } from 'node:util';
import { requireServers } from '../e2e/support/needs.ts';
import { createMatrixDoubles } from './matrix-double.ts';
import { startMatrixSynapse } from './matrix-synapse.ts';
import { type TrialKind, trialKinds } from './stage-rooms.ts';
import { type Switch, switches } from './switches.ts';
import { tableOf } from './table.ts';
import { isFailure, runTrial, type Trial } from './trial.ts';

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'faults' },
    trials: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    synapse: { type: 'boolean', default: false },
    without: { type: 'string' },
    only: { type: 'string' },
    'until-failure': { type: 'boolean', default: false },
  },
});
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
if (![seed, last].every(Number.isSafeInteger)) {
  console.error('--trials, --seed and --only take whole numbers');
  process.exit(2);
}
requireServers({ needsSynapse: values.synapse });
// Started processes end with this one, even after Ctrl-C.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const trials: Trial[] = [];
let next = only ?? 1;

/** Runs one trial after the other; two of these keep two cores busy. */
async function work(kind: TrialKind): Promise<void> {
  const matrixSides = values.synapse ? await startMatrixSynapse() : createMatrixDoubles();
  while (next <= last && !(values['until-failure'] && trials.some(isFailure))) {
    const number = next++;
    const trial = await runTrial({ kind, number, seed: (seed * 1_000_003 + number) >>> 0, without, matrixSides });
    trials.push(trial);
    const { lost, duplicated, outOfOrder, dead, unreadable, events, tookMs, directory } = trial;
    const wrong = [...lost, ...duplicated.map((text) => `twice: ${text}`), ...outOfOrder, ...dead, ...unreadable];
    const said = wrong.length === 0 ? 'good' : `${wrong.length} wrong, kept in ${directory}`;
    console.error(`trial ${number}: ${events} events, ${said} (${(tookMs / 1_000).toFixed(1)} s)`);
    for (const text of wrong.slice(0, 5)) console.error(`  ${text}`);
  }
  await matrixSides.stop();
}
// A flood keeps both cores busy by itself.
await Promise.all(kind === 'flood' ? [work(kind)] : [work(kind), work(kind)]);
console.log(tableOf(trials, { kind, seed, without, homeserver: values.synapse ? 'Synapse' : 'double' }));
process.exit(trials.some(isFailure) ? 1 : 0);
