import { type Clock, sleep } from '../clock.ts';
import { formatDuration } from '../duration.ts';
import type { Log } from '../log.ts';
import type { Catalogue, ModelInfo } from '../metasmoke/catalogue.ts';
import type { SentSpec } from '../router/event-spec.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Reading } from './gaps.ts';
import { joinTexts } from './join-texts.ts';
import { type Found, type ReadMissedOptions, readableModels, readMissed } from './read-missed.ts';

export interface BackfillOptions extends ReadMissedOptions {
  readonly catalogue: Catalogue;
  /** What is wanted now. */
  readonly wanted: () => SentSpec;
  /**
   * Takes messages, shaped as the source's own; what is known already is dropped. `missedSince` (Unix milliseconds): these
   * are all of a long gap. Resolves when all that was taken is committed, with how many of them were news.
   */
  readonly receive: (messages: readonly unknown[], missedSince: number | null) => Promise<number>;
  /** Told of each reading of what was missed, until every page of it was read. */
  readonly onReading: (reading: Reading) => Promise<void>;
  /** A longer gap is told of as a whole, in milliseconds. */
  readonly digestAfterMs: number;
  /** Nothing older than this is fetched, and nothing is asked for again for longer, in milliseconds. */
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Fetches what was missed, one gap after the other. */
export interface Backfill {
  /** Something may have been missed since `from` (Unix milliseconds). */
  recover(from: number): void;
  /** Whether a gap is being fetched. */
  readonly running: boolean;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/** When rows that the API did not know yet are asked for again, in milliseconds after the gap was fetched. */
const againAfterMs = [15_000, 60_000];
/** Rows come later than their event by less than this, in milliseconds. */
const lateMs = 10 * 60_000;
/** When the API is asked again after it did not give all, in milliseconds: at first, doubling, and at last. */
const firstRetryMs = 15_000;
const longestRetryMs = 10 * 60_000;

/** What is to be read: all since an instant, or what comes late of that. */
interface Job {
  readonly from: number;
  readonly what: 'gap' | 'late';
  /** By the monotonic clock. */
  readonly startedAt: number;
  tries: number;
  /** The names of the models of which not every page was read the last time; null: any may be one. */
  failed: ReadonlySet<string> | null;
  /** Those of which there is more than is ever read. */
  readonly tooMany: Set<string>;
  /** How many rows each model has. */
  readonly rows: Map<string, number>;
  /** What can never be read, and why. */
  lost: string | null;
}

export function createBackfill(options: BackfillOptions): Backfill {
  const { clock, log } = options;
  const ended = new AbortController();
  const { signal } = ended;
  let missing: number | null = null;
  let working: Promise<void> | null = null;
  /** Ends the wait before rows are asked for again. */
  let waiting = new AbortController();

  async function work(): Promise<void> {
    while (missing !== null && !signal.aborted) {
      const from = missing;
      missing = null;
      const left = await recoverSince(from);
      if (missing !== null) missing = Math.min(missing, left);
    }
    working = null;
  }

  /** Reads what was missed, and then again for what comes late. Gives from when on something is left, if it was interrupted. */
  async function recoverSince(from: number): Promise<number> {
    const lateFrom = () => Math.max(from, clock.now() - lateMs);
    if ((await readUntilWhole(from, 'gap')) === 'interrupted') return from;
    for (const afterMs of againAfterMs) {
      // The next gap is fetched at once, with what may be late of this one.
      if ((await wait(afterMs)) === 'interrupted') return lateFrom();
      if ((await readUntilWhole(from, 'late')) === 'interrupted') return lateFrom();
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Waits, but not when something else was missed, or it is time to stop. */
  async function wait(ms: number): Promise<'interrupted' | 'over'> {
    const isInterrupted = () => missing !== null || signal.aborted;
    waiting = new AbortController();
    if (!isInterrupted()) await sleep(clock, ms, AbortSignal.any([signal, waiting.signal]));
    return isInterrupted() ? 'interrupted' : 'over';
  }

  /** Asks the API again and again, with growing waits, until every page of every model was read, or it is too long ago. */
  async function readUntilWhole(from: number, what: 'gap' | 'late'): Promise<'interrupted' | 'over'> {
    const job: Job = {
      ...{ from, what, startedAt: clock.monotonic(), tries: 0, lost: null },
      ...{ failed: null, tooMany: new Set(), rows: new Map() },
    };
    for (;;) {
      job.tries++;
      const retryMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(20, job.tries - 1));
      const next = `next try in ${formatDuration(retryMs)}`;
      let outcome: 'whole' | 'not all' = 'not all';
      try {
        outcome = await read(job, next);
      } catch (err) {
        job.failed = null;
        logFailure(log, err, {}, `what was missed could not be fetched; ${next}`);
      }
      if (signal.aborted) return 'interrupted';
      if (outcome === 'whole' || clock.monotonic() - job.startedAt >= options.maxAgeMs) return 'over';
      if ((await wait(retryMs)) === 'interrupted') return 'interrupted';
    }
  }

  /** Reads what a job is about, or what is left of it, once; hands on what it finds and tells of it. `next`: when it is tried again. */
  async function read(job: Job, next: string): Promise<'whole' | 'not all'> {
    const { from, what } = job;
    const began = clock.now();
    const oldest = began - options.maxAgeMs;
    if (from < oldest && what === 'gap' && job.tries === 1) job.lost = tellTooOld(from, oldest);
    const found = await readMissed(options, { models: modelsOf(job), from: Math.max(from, oldest) }, signal);
    if (signal.aborted) return 'not all';
    tellNotAll(job, found, next);
    // What comes later by itself is not worth another digest.
    const isLong = what === 'gap' && clock.now() - from > options.digestAfterMs;
    const news = await options.receive(found.messages, isLong ? from : null);
    for (const [model, count] of found.rows) job.rows.set(model, count);
    for (const model of found.tooMany.keys()) job.tooMany.add(model);
    job.lost = joinTexts(job.lost, reasonsOf(found.tooMany));
    const rows = [...job.rows.values()].reduce((sum, count) => sum + count, 0);
    const failed = reasonsOf(found.failed);
    if (what === 'gap') {
      await options.onReading({ from, began, rows, news, lost: job.lost, failed });
      if (failed === null) log.info({ rows }, `fetched what the API has since ${iso(from)}`);
    }
    job.failed = new Set(found.failed.keys());
    return failed === null ? 'whole' : 'not all';
  }

  /** At first all, also those that were read: rows come late. Then those that failed. */
  function modelsOf({ startedAt, failed, tooMany }: Job): readonly ModelInfo[] {
    const isYoung = clock.monotonic() - startedAt < lateMs;
    const models = readableModels(options.wanted(), options.catalogue);
    return models.filter(({ name }) => !tooMany.has(name) && (isYoung || failed === null || failed.has(name)));
  }

  /** Gives what is lost, in words. */
  function tellTooOld(from: number, oldest: number): string {
    const text = `what happened before ${iso(oldest)} is not fetched (source.backfill.max_age)`;
    log.warn({ from: iso(from) }, `${text}: it is lost`);
    return text;
  }

  function tellNotAll({ from, what, tries }: Job, { failed, tooMany }: Found, next: string): void {
    for (const [model, reason] of tooMany)
      log.error({ model, reason }, `${model} since ${iso(from)} cannot all be fetched: ${reason}; the rest is lost`);
    for (const [model, reason] of failed) {
      const text = `${model} since ${iso(from)} could not all be fetched: ${reason}; ${next}`;
      // An API that is away for hours is told of once; `status` and metrics show it all the time.
      if (what === 'gap' && tries === 1) log.warn({ model, reason, tries }, text);
      else log.debug({ model, reason, tries }, text);
    }
  }

  return {
    recover(from) {
      if (signal.aborted) return;
      missing = Math.min(missing ?? from, from);
      waiting.abort();
      working ??= work();
    },
    get running() {
      return working !== null;
    },
    async stop() {
      ended.abort();
      await working;
    },
  };
}

const iso = (unixMs: number) => new Date(unixMs).toISOString();

function reasonsOf(models: ReadonlyMap<string, string>): string | null {
  return joinTexts(...[...models].map(([name, reason]) => `${name}: ${reason}`));
}
