import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openOutboxFile } from '../e2e/support/outbox-file.ts';
import { createRandom } from '../e2e/support/random.ts';
import { waitUntil } from '../e2e/support/wait-until.ts';
import { createEmission, type Emission } from './emission.ts';
import { createInjection } from './injection.ts';
import { judge, type Verdict } from './judge.ts';
import { judgeCards } from './judge-cards.ts';
import { judgedRooms, shownCards } from './judged-rooms.ts';
import type { MatrixSides } from './matrix.ts';
import { openStage, type Stage } from './stage.ts';
import type { TrialKind } from './stage-rooms.ts';
import type { Switch } from './switches.ts';
import { withinTime } from './within-time.ts';

/** The load of a trial and its time limits. */
interface Course {
  /** Time in which events are emitted and faults injected, ms of real time. */
  readonly emittingMs: number;
  /** Time after the last fault until everything must be shown, ms of real time. */
  readonly settlingMs: number;
  emit(emission: Emission, forMs: number): Promise<void>;
}

const courses: Readonly<Record<TrialKind, Course>> = {
  faults: { emittingMs: 4_000, settlingMs: 30_000, emit: (emission, forMs) => emission.run(forMs) },
  flood: {
    emittingMs: 8_000,
    // Ends as soon as nothing is left: 30 to 140 s, by the faults and the disk.
    settlingMs: 240_000,
    emit: (emission, forMs) => emission.flood({ bursts: 2, events: 2_000, forMs }),
  },
};

export interface TrialOptions {
  readonly kind: TrialKind;
  readonly number: number;
  readonly seed: number;
  readonly without: Switch | null;
  readonly matrixSides: MatrixSides;
}

export interface Trial extends Verdict {
  readonly number: number;
  readonly seed: number;
  /** Number of injected faults of each kind. */
  readonly faults: ReadonlyMap<string, number>;
  readonly tookMs: number;
  /** The folder with the log and the store of a failed trial; null for a good one. */
  readonly directory: string | null;
}

/**
 * Runs Lookout between a real Action Cable server, a homeserver and doubles, with faults at random instants, and judges
 * the content of the rooms.
 */
export async function runTrial({ kind, number, seed, without, matrixSides }: TrialOptions): Promise<Trial> {
  const started = performance.now();
  const stage = await openStage(kind, matrixSides, without);
  const { directory, said } = stage;
  try {
    const { verdict, faults } = await play(stage, kind, seed);
    const failed = isFailure(verdict);
    if (failed) await writeFile(join(directory, 'log'), said.join('\n'));
    else await rm(directory, { recursive: true, force: true });
    const tookMs = performance.now() - started;
    return { ...verdict, number, seed, faults, tookMs, directory: failed ? directory : null };
  } catch (error) {
    await writeFile(join(directory, 'log'), said.join('\n'));
    throw new Error(`trial ${number} (seed ${seed}, kept in ${directory}) could not be ended`, { cause: error });
  } finally {
    await stage.stop();
  }
}

async function play(stage: Stage, kind: TrialKind, seed: number) {
  const { emittingMs, settlingMs, emit } = courses[kind];
  const { epoch, store, recorder, rails, matrix, lookout } = stage;
  const random = createRandom(seed);
  const emission = createEmission(stage, random);
  const injection = createInjection(stage, emission, random);
  const verdict = async () => {
    const rooms = await judgedRooms(stage, injection);
    const { recorded } = recorder;
    const judged = judge({
      kind,
      epoch,
      recorded,
      emittedAt: emission.emittedAt,
      listed: emission.listed(),
      store,
      rooms,
      unreadable: (await Promise.all(matrix.encrypted.map((room) => matrix.unreadable(room)))).flat(),
    });
    const cards = judgeCards(store, `discord:${stage.cards}`, {
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
  const isListening = () => openOutboxFile(store).listens();
  const subscribed = async () => ((await rails.health()).subscriptions === 2 && isListening() ? true : undefined);
  const describe = () => stage.said.slice(-5);
  await waitUntil('both subscribed', subscribed, { timeoutMs: 20_000, everyMs: 50, describe });
  const busy = Promise.all([emit(emission, emittingMs), injection.run(emittingMs)]);
  await withinTime('emitting and injecting faults', 60_000 + emittingMs, busy);
  const outbox = openOutboxFile(store);
  const isOver = async () => {
    try {
      return outbox.unsettled() === 0 && (await verdict()).lost.length === 0 ? true : undefined;
    } catch {
      // A store whose owner was killed cannot be read before Lookout has opened it again.
      return undefined;
    }
  };
  const patience = { timeoutMs: settlingMs, everyMs: matrix.readEveryMs };
  await waitUntil('nothing left', isOver, patience).catch(() => {});
  await withinTime('a stop after SIGTERM', 20_000, lookout.end('SIGTERM'));
  return { verdict: await verdict(), faults: injection.counts };
}

/** Returns true if a promise was broken. */
export function isFailure({ lost, duplicated, outOfOrder, dead, unreadable }: Verdict): boolean {
  return [lost, duplicated, outOfOrder, dead, unreadable].some((list) => list.length > 0);
}
