import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../e2e/support/random.ts';
import { waitUntil } from '../e2e/support/wait-until.ts';
import { createEmission, type Emission } from './emission.ts';
import { createInjection } from './injection.ts';
import { judge, type Verdict } from './judge.ts';
import { judgeCards } from './judge-cards.ts';
import { judgeShards } from './judge-shards.ts';
import { judgedRooms, shownCards } from './judged-rooms.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';
import type { TrialKind } from './stage-rooms.ts';
import { withinTime } from './within-time.ts';

/** The load of a trial and its time limits. */
interface Course {
  /** Time in which events are emitted and faults injected, ms of real time. */
  readonly emittingMs: number;
  /** Time after the last fault until everything must be shown, ms of real time. */
  readonly settlingMs: number;
  /** Smallest number of faults. */
  readonly fewest: number;
  emit(emission: Emission, forMs: number): Promise<void>;
}

const courses: Readonly<Record<TrialKind, Course>> = {
  faults: { emittingMs: 4_000, settlingMs: 30_000, fewest: 3, emit: (emission, forMs) => emission.run(forMs, 60) },
  flood: {
    emittingMs: 8_000,
    // Ends as soon as nothing is left: 30 to 140 s, by the faults and the disk, and 255 s on a machine that is three times slower.
    settlingMs: 600_000,
    fewest: 3,
    emit: (emission, forMs) => emission.flood({ bursts: 2, events: 2_000, forMs }),
  },
};

/** With several processes: a lease is of real time, so that a takeover takes longer than all of a trial of one process. */
const severalCourse: Course = {
  emittingMs: 15_000,
  // Ends as soon as nothing is left: 10 s on idle cores.
  settlingMs: 180_000,
  fewest: 4,
  emit: (emission, forMs) => emission.run(forMs, 300),
};

export interface TrialOptions extends StageOptions {
  readonly number: number;
  readonly seed: number;
}

/** The facts about several processes. */
export interface SeveralVerdict {
  /** Requests that left a process while another one had the lease. */
  readonly withoutLease: readonly string[];
  /** See `Takeovers`, ms. */
  readonly plain: readonly number[];
  readonly disturbed: readonly number[];
  readonly unexplained: number;
  /** Number of changes of hands. */
  readonly handOvers: number;
  /** Reasons of the processes that ended by themselves. */
  readonly ownEnds: readonly string[];
  /** Describes the shards of the bot that were missing after all faults, or did not answer a command once. */
  readonly shards: readonly string[];
}

export interface Trial extends Verdict {
  readonly number: number;
  readonly seed: number;
  /** Number of injected faults of each kind. */
  readonly faults: ReadonlyMap<string, number>;
  /** Null: one process with SQLite. */
  readonly several: SeveralVerdict | null;
  readonly tookMs: number;
  /** The folder with the log and the store of a failed trial; null for a good one. */
  readonly directory: string | null;
}

/**
 * Runs Lookout between a real Action Cable server, a homeserver and doubles, with faults at random instants, and judges
 * the content of the rooms.
 */
export async function runTrial({ number, seed, ...options }: TrialOptions): Promise<Trial> {
  const started = performance.now();
  const stage = await openStage(options);
  const { directory, said } = stage;
  try {
    const { verdict, shards, faults } = await play(stage, options.kind, seed);
    const several = await severalVerdict(stage, shards);
    const failed = isFailure({ ...verdict, several });
    if (failed) await keep(stage);
    else await rm(directory, { recursive: true, force: true });
    const tookMs = performance.now() - started;
    return { ...verdict, several, number, seed, faults, tookMs, directory: failed ? directory : null };
  } catch (error) {
    await writeFile(join(directory, 'log'), said.join('\n'));
    throw new Error(`trial ${number} (seed ${seed}, kept in ${directory}) could not be ended`, { cause: error });
  } finally {
    await stage.stop();
  }
}

async function play(stage: Stage, kind: TrialKind, seed: number) {
  const { emittingMs, settlingMs, fewest, emit } = stage.several === null ? courses[kind] : severalCourse;
  const { epoch, store, recorder, rails, matrix, lookout } = stage;
  const random = createRandom(seed);
  const emission = createEmission(stage, random);
  const injection = createInjection(stage, emission, random);
  const verdict = async () => {
    const rooms = await judgedRooms(stage, injection);
    const { recorded } = recorder;
    const judged = await judge({
      kind,
      epoch,
      recorded,
      emittedAt: emission.emittedAt,
      listed: emission.listed(),
      store,
      rooms,
      unreadable: (await Promise.all(matrix.encrypted.map((room) => matrix.unreadable(room)))).flat(),
    });
    const cards = await judgeCards(store, `discord:${stage.cards}`, {
      messages: shownCards(stage),
      inApi: new Set(stage.api.tables.posts.map(({ id }) => String(id))),
    });
    return {
      ...judged,
      lost: [...judged.lost, ...cards.lost],
      duplicated: [...judged.duplicated, ...cards.duplicated],
    };
  };

  // No promise holds before it is stored that the source is subscribed.
  const subscribed = async () =>
    (await rails.health()).subscriptions === 2 && (await store.listens()) ? true : undefined;
  const describe = () => stage.said.slice(-5);
  await waitUntil('both subscribed', subscribed, { timeoutMs: 180_000, everyMs: 50, describe });
  const busy = Promise.all([emit(emission, emittingMs), injection.run(emittingMs, fewest)]);
  await withinTime('emitting and injecting faults', 60_000 + emittingMs, busy);
  const isOver = async () => {
    try {
      return (await store.unsettled()) === 0 && (await verdict()).lost.length === 0 ? true : undefined;
    } catch {
      // A store whose owner was killed cannot be read before Lookout has opened it again.
      return undefined;
    }
  };
  const patience = { timeoutMs: settlingMs, everyMs: matrix.readEveryMs };
  await waitUntil('nothing left', isOver, patience).catch(() => {});
  const shards = stage.discord.gateway.shards > 1 ? await judgeShards(stage.discord) : [];
  await withinTime('a stop after SIGTERM', 20_000, lookout.end('SIGTERM'));
  return { verdict: await verdict(), shards, faults: injection.counts };
}

async function severalVerdict({ several }: Stage, shards: readonly string[]): Promise<SeveralVerdict | null> {
  if (several === null) return null;
  const { machines, database } = several;
  const { plain, disturbed, unexplained } = machines.takeovers;
  return {
    withoutLease: await machines.leftWithoutLease(),
    ...{ plain, disturbed, unexplained: unexplained() },
    handOvers: (await database.handOvers()).length,
    ownEnds: machines.ownEnds(),
    shards,
  };
}

/** Writes the log and, if it is not a file there, the database into the folder of the trial. */
async function keep({ directory, said, several }: Stage): Promise<void> {
  await writeFile(join(directory, 'log'), said.join('\n'));
  if (several === null) return;
  for (const table of [
    'events',
    'gaps',
    'rooms',
    'deliveries',
    'messages',
    'sends',
    'cards',
    'hand_overs',
    'stored_at',
    'planned_at',
  ])
    await writeFile(
      join(directory, `${table}.json`),
      JSON.stringify(await several.database.all(`select * from ${table}`)),
    );
}

/** Returns everything by which a trial broke a promise. */
export function complaintsOf(trial: Pick<Trial, keyof Verdict | 'several'>): readonly string[] {
  const { lost, duplicated, outOfOrder, dead, unreadable, several } = trial;
  const twice = duplicated.map((text) => `twice: ${text}`);
  const without = (several?.withoutLease ?? []).map((text) => `without the lease: ${text}`);
  return [...lost, ...twice, ...outOfOrder, ...dead, ...unreadable, ...without, ...(several?.shards ?? [])];
}

/** Returns true if a promise was broken. */
export function isFailure(trial: Pick<Trial, keyof Verdict | 'several'>): boolean {
  return complaintsOf(trial).length > 0;
}
