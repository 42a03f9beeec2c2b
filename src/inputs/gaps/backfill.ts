import type { Log } from '../../log.ts';
import type { Catalogue, ModelInfo } from '../../metasmoke/catalogue.ts';
import type { SentSpec } from '../../metasmoke/event-spec.ts';
import { logFailure } from '../../store/log-failure.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { formatDuration } from '../../time/duration.ts';
import { type Moment, momentNow, wallTimeOf } from '../../time/moment.ts';
import type { Reading } from './gap-rows.ts';
import { joinTexts } from './join-texts.ts';
import { type GapRows, type ReadGapOptions, readableModels, readGap } from './read-gap.ts';

export interface BackfillOptions extends ReadGapOptions {
  readonly catalogue: Catalogue;
  /** The event spec that is wanted now. */
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
  /** True while a gap is being fetched. */
  readonly running: boolean;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/** Delays before rows are requested again that the API did not know yet, ms: after the gap was fetched, and after that. */
const againAfterMs = [15_000, 60_000];
/** Longest time from an event until its row is visible, ms. */
const lateMs = 10 * 60_000;
/** First and longest delay before the next try after a reading that failed, ms; it doubles in between. */
const firstRetryMs = 15_000;
const longestRetryMs = 10 * 60_000;

/** One task for the API: all rows since an instant, or those of them that come late. */
interface Job {
  readonly since: Moment;
  readonly kind: 'gap' | 'late';
  /** By the monotonic clock. */
  readonly startedAt: number;
  tries: number;
  /** The names of the models of which not every page was read the last time; null: any may be one. */
  failed: ReadonlySet<string> | null;
  /** Those of which there is more than is ever read. */
  readonly tooMany: Set<string>;
  /** Number of rows of each model. */
  readonly rows: Map<string, number>;
  /** The rows that can never be read, and why, in words. */
  lost: string | null;
}

export function createBackfill(options: BackfillOptions): Backfill {
  const { clock, log } = options;
  const ended = new AbortController();
  const { signal } = ended;
  /** The time since which something may have been missed that no job is about yet. */
  let missing: Moment | null = null;
  let working: Promise<void> | null = null;
  /** Ends the wait before rows are asked for again. */
  let waiting = new AbortController();

  async function work(): Promise<void> {
    while (missing !== null && !signal.aborted) {
      const since: Moment = missing;
      missing = null;
      const left = await recoverSince(since);
      if (missing !== null && left !== null) missing = earlier(missing, left);
    }
    working = null;
  }

  /** Reads a gap, and then again for rows that come late. Gives the time since which something is left, if it was interrupted. */
  async function recoverSince(since: Moment): Promise<Moment | null> {
    if ((await readUntilWhole(since, 'gap')) === 'interrupted') return since;
    for (const afterMs of againAfterMs) {
      // The next gap is fetched at once, with the rows of this one that may be late.
      if ((await wait(afterMs)) === 'interrupted' || (await readUntilWhole(since, 'late')) === 'interrupted')
        return later(since, before(momentNow(clock), lateMs));
    }
    return null;
  }

  /** Waits, but not when something else was missed, or it is time to stop. */
  async function wait(ms: number): Promise<'interrupted' | 'over'> {
    const isInterrupted = () => missing !== null || signal.aborted;
    waiting = new AbortController();
    if (!isInterrupted()) await sleep(clock, ms, AbortSignal.any([signal, waiting.signal]));
    return isInterrupted() ? 'interrupted' : 'over';
  }

  /** Asks the API again and again, with growing waits, until every page of every model was read, or it is too long ago. */
  async function readUntilWhole(since: Moment, kind: Job['kind']): Promise<'interrupted' | 'over'> {
    const job: Job = {
      ...{ since, kind, startedAt: clock.monotonic(), tries: 0, lost: null },
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
    // By what the clock is set to now: it may have been set back since.
    const from = wallTimeOf(job.since, clock);
    const began = clock.now();
    const oldest = began - options.maxAgeMs;
    if (from < oldest && job.kind === 'gap' && job.tries === 1) job.lost = tellTooOld(from, oldest);
    const found = await readGap(options, { models: modelsOf(job), from: Math.max(from, oldest) }, signal);
    if (signal.aborted) return 'not all';
    tellNotAll(job, found, next);
    // Late rows are not worth another digest.
    const isLong = job.kind === 'gap' && clock.now() - from > options.digestAfterMs;
    const news = await options.receive(found.messages, isLong ? from : null);
    // At the end it may not have been committed.
    if (signal.aborted) return 'not all';
    for (const [model, count] of found.rows) job.rows.set(model, count);
    for (const model of found.tooMany.keys()) job.tooMany.add(model);
    job.lost = joinTexts(job.lost, reasonsOf(found.tooMany));
    const rows = [...job.rows.values()].reduce((sum, count) => sum + count, 0);
    const failed = reasonsOf(found.failed);
    if (job.kind === 'gap') {
      await options.onReading({ from, began, rows, news, lost: job.lost, failed });
      if (failed === null) log.info({ rows }, `fetched what the API has since ${iso(from)}`);
    }
    job.failed = new Set(found.failed.keys());
    return failed === null ? 'whole' : 'not all';
  }

  /** Gives all models at first, also those that were read, since rows come late; then those that failed. */
  function modelsOf({ startedAt, failed, tooMany }: Job): readonly ModelInfo[] {
    const isYoung = clock.monotonic() - startedAt < lateMs;
    const models = readableModels(options.wanted(), options.catalogue);
    return models.filter(({ name }) => !tooMany.has(name) && (isYoung || failed === null || failed.has(name)));
  }

  /** Logs that the beginning of a gap is lost, and gives that in words. */
  function tellTooOld(from: number, oldest: number): string {
    const text = `what happened before ${iso(oldest)} is not fetched (source.backfill.max_age)`;
    log.warn({ from: iso(from) }, `${text}: it is lost`);
    return text;
  }

  function tellNotAll({ since, kind, tries }: Job, { failed, tooMany }: GapRows, next: string): void {
    const from = iso(wallTimeOf(since, clock));
    for (const [model, reason] of tooMany)
      log.error({ model, reason }, `${model} since ${from} cannot all be fetched: ${reason}; the rest is lost`);
    for (const [model, reason] of failed) {
      const text = `${model} since ${from} could not all be fetched: ${reason}; ${next}`;
      // An API that is away for hours is warned about once; `status` and metrics show it all the time.
      if (kind === 'gap' && tries === 1) log.warn({ model, reason, tries }, text);
      else log.debug({ model, reason, tries }, text);
    }
  }

  return {
    recover(from) {
      if (signal.aborted) return;
      const since = { wall: from, monotonic: clock.monotonic() - (clock.now() - from) };
      missing = missing === null ? since : earlier(missing, since);
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

/** The monotonic clock decides: setting the wall clock does not change it. */
const earlier = (a: Moment, b: Moment) => (a.monotonic <= b.monotonic ? a : b);
const later = (a: Moment, b: Moment) => (a.monotonic <= b.monotonic ? b : a);
const before = ({ wall, monotonic }: Moment, ms: number) => ({ wall: wall - ms, monotonic: monotonic - ms });

const iso = (unixMs: number) => new Date(unixMs).toISOString();

function reasonsOf(models: ReadonlyMap<string, string>): string | null {
  return joinTexts(...[...models].map(([name, reason]) => `${name}: ${reason}`));
}
