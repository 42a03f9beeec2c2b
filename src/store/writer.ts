import type { Clock } from '../time/clock.ts';
import type { Database, Trx } from './tables.ts';
import { troubleOf } from './trouble.ts';

/** So many jobs share a transaction at most: each is some statements, and nothing else runs meanwhile. */
const MOST_JOBS = 64;

/** Writes to the store in transactions that are shared: a commit waits for the disk, and that costs more than what it writes. */
export interface Writer {
  /**
   * Runs a job in a transaction, together with others that were given in the same turn of the event loop, and resolves after the
   * commit. A job that throws fails alone. It may be run twice, so it changes nothing but the store.
   */
  write<T>(job: (trx: Trx) => Promise<T>): Promise<T>;
}

interface Job {
  readonly run: (trx: Trx) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes the writer of a store. */
export function createWriter(db: Database, clock: Clock): Writer {
  const waiting: Job[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      await clock.turn();
      await together(waiting.splice(0, MOST_JOBS));
    }
    isRunning = false;
  }

  async function together(jobs: readonly Job[]): Promise<void> {
    let values: readonly unknown[];
    try {
      values = await db.transaction().execute(async (trx) => {
        const made: unknown[] = [];
        for (const job of jobs) made.push(await job.run(trx));
        return made;
      });
    } catch (err) {
      // The database's own trouble is everybody's; any other error is one job's.
      if (jobs.length === 1 || troubleOf(err) !== null) for (const job of jobs) job.reject(err);
      else for (const job of jobs) await together([job]);
      return;
    }
    for (const [index, job] of jobs.entries()) job.resolve(values[index]);
  }

  return {
    write: <T>(job: (trx: Trx) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ run: job, resolve: resolve as Job['resolve'], reject });
        if (isRunning) return;
        isRunning = true;
        void run();
      }),
  };
}
