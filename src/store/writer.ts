import type { Clock } from '../time/clock.ts';
import type { Database, Trx } from './tables.ts';
import { troubleOf } from './trouble.ts';

/** Largest number of jobs in one transaction. Each has several statements, and nothing else runs meanwhile. */
const MOST_JOBS = 64;

/** Writes to the store in shared transactions, because a commit waits for the disk, which costs more than the writing. */
export interface Writer {
  /**
   * Runs a job in a transaction, together with other jobs of the same turn of the event loop, and resolves after the
   * commit. A job that throws fails alone. A job may be run twice, so it must only change the store.
   */
  write<T>(job: (trx: Trx) => Promise<T>): Promise<T>;
}

interface Job {
  readonly run: (trx: Trx) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Creates the writer of a store. */
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
      // A problem of the database affects all jobs; any other error belongs to one job.
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
