import type { Log } from '../log.ts';
import { logFailure } from '../store/log-failure.ts';
import { pruneEncryption, readableForMs } from '../store/prune-encryption.ts';
import type { Database } from '../store/tables.ts';
import { watchChanges } from '../store/watch-changes.ts';
import { watchStoreFile } from '../store/watch-file.ts';
import { type Clock, sleep } from '../time/clock.ts';
import { pruneHeard } from './rows/heard.ts';
import { pruneBatch, pruneUntil } from './rows/prune.ts';

/** Interval at which old rows are pruned, ms. */
const PRUNE_EVERY_MS = 3_600_000;
/** Delay before the first prune, ms. Lets waiting deliveries be sent first. */
const PRUNE_FIRST_MS = 60_000;
/** Pause between two batches of a prune, ms. */
const PRUNE_PAUSE_MS = 100;

export interface UpkeepOptions {
  readonly db: Database;
  /** Returns the time for which settled rows are kept, ms; null: another process deletes them. */
  readonly keepMs: (() => number) | null;
  /** Returns the ids of the rooms here in which something waits. */
  readonly roomsWithWork: () => Promise<readonly number[]>;
  /** Called when another process wrote something that concerns everybody. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Deletes old rows, watches the database file, and calls `wake` with the rooms for which another process (`lookout outbox
 * retry`) left something to do. Resolves soon after `signal` is aborted.
 */
export async function keepUp(
  options: UpkeepOptions,
  wake: (roomIds: Iterable<number>) => void,
  signal: AbortSignal,
): Promise<void> {
  const { db, clock, log } = options;
  const changes = watchChanges(db, clock, signal, {
    onChange: async () => {
      wake(await options.roomsWithWork());
      options.onChange();
    },
    onFailure: (err) => logFailure(log, err, {}, 'could not look for changes of another process; retrying in 1 s'),
  });
  const file = watchStoreFile(db, clock, log, signal).catch((err) =>
    log.error({ err }, 'could not watch the database file'),
  );
  const { keepMs } = options;
  await Promise.all([keepMs === null ? null : prune({ ...options, keepMs }, signal), changes, file]);
}

interface PruneOptions extends UpkeepOptions {
  readonly keepMs: () => number;
}

async function prune({ db, keepMs, clock, log }: PruneOptions, signal: AbortSignal): Promise<void> {
  await sleep(clock, PRUNE_FIRST_MS, signal);
  for (; !signal.aborted; await sleep(clock, PRUNE_EVERY_MS, signal)) {
    try {
      await pruneHeard(db, clock.now());
      const until = await pruneUntil(db, keepMs(), clock.now());
      while (!signal.aborted && (await pruneBatch(db, until)) > 0) await sleep(clock, PRUNE_PAUSE_MS, signal);
      const readable = Math.min(0, keepMs() - readableForMs) + until.cutoff;
      while (!signal.aborted && (await pruneEncryption(db, readable)) > 0) await sleep(clock, PRUNE_PAUSE_MS, signal);
    } catch (err) {
      logFailure(log, err, {}, 'could not delete old deliveries; retrying in an hour');
    }
  }
}
