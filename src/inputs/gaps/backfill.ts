import type { Catalogue, ModelInfo } from '../../catalogue/catalogue.ts';
import type { SentSpec } from '../../catalogue/event-spec.ts';
import type { Log } from '../../log.ts';
import { logFailure } from '../../store/log-failure.ts';
import { backoffMs } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { formatDuration } from '../../time/duration.ts';
import { type Moment, momentNow, wallTimeOf } from '../../time/moment.ts';
import type { Reading } from './gap-rows.ts';
import { joinTexts } from './join-texts.ts';
import { type GapRows, type ReadGapOptions, readableModels, readGap } from './read-gap.ts';

export interface BackfillOptions extends ReadGapOptions {
  readonly catalogue: Catalogue;
  /** The event spec of all subscriptions at this moment. */
  readonly wanted: () => SentSpec;
  /**
   * Receives messages in the source's format; known ones are dropped. `missedSince` (Unix milliseconds): the messages
   * are all of a long gap. Resolves with the number of new messages when all are committed.
   */
  readonly receive: (messages: readonly unknown[], missedSince: number | null) => Promise<number>;
  /** Called for each reading of a gap until every page has been read. */
  readonly onReading: (reading: Reading) => Promise<void>;
  /** Length from which a gap is announced as one digest, ms. */
  readonly digestAfterMs: number;
  /** Largest age of rows that are fetched, and longest time in which a gap is retried, ms. */
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Fetches missed events, one gap after the other. */
export interface Backfill {
  /** Starts to fetch events that may have been missed since `from` (Unix milliseconds). */
  recover(from: number): void;
  /** True while a gap is being fetched. */
  readonly running: boolean;
  /** Resolves when no request is in progress. */
  stop(): Promise<void>;
}

/**
 * Delays before rows are requested again that the API did not list yet, ms: the first after the gap was fetched, the
 * second after the first.
 */
const againAfterMs = [15_000, 60_000];
/** Longest time from an event until its row is visible, ms. */
const lateMs = 10 * 60_000;
/** First and longest delay before the next attempt after a failed reading, ms; it doubles in between. */
const firstRetryMs = 15_000;
const longestRetryMs = 10 * 60_000;

/** One task for the API: all rows since an instant, or only those that become visible late. */
interface Job {
  readonly since: Moment;
  readonly kind: 'gap' | 'late';
  /** Start of the task by the monotonic clock, ms. */
  readonly startedAt: number;
  tries: number;
  /** Names of the models whose pages were not all read in the last attempt; null: possibly all. */
  failed: ReadonlySet<string> | null;
  /** Models with more rows than are ever read. */
  readonly tooMany: Set<string>;
  /** Number of rows of each model. */
  readonly rows: Map<string, number>;
  /** Description of the rows that can never be read. */
  lost: string | null;
}

export function createBackfill(options: BackfillOptions): Backfill {
  const { clock, log } = options;
  const ended = new AbortController();
  const { signal } = ended;
  /** Earliest instant of a possible gap that no job covers yet. */
  let missing: Moment | null = null;
  let working: Promise<void> | null = null;
  /** Aborts the wait before rows are requested again. */
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

  /**
   * Reads a gap, then again for rows that become visible late. If interrupted, returns the instant from which rows are
   * still missing.
   */
  async function recoverSince(since: Moment): Promise<Moment | null> {
    if ((await readUntilWhole(since, 'gap')) === 'interrupted') return since;
    for (const afterMs of againAfterMs) {
      // Fetch the next gap at once, together with late rows of this one.
      if ((await wait(afterMs)) === 'interrupted' || (await readUntilWhole(since, 'late')) === 'interrupted')
        return later(since, before(momentNow(clock), lateMs));
    }
    return null;
  }

  /** Waits until the time is over, another gap is reported, or the backfill stops. */
  async function wait(ms: number): Promise<'interrupted' | 'over'> {
    const isInterrupted = () => missing !== null || signal.aborted;
    waiting = new AbortController();
    if (!isInterrupted()) await sleep(clock, ms, AbortSignal.any([signal, waiting.signal]));
    return isInterrupted() ? 'interrupted' : 'over';
  }

  /** Requests the rows again, with growing delays, until every page of every model is read or the gap is too old. */
  async function readUntilWhole(since: Moment, kind: Job['kind']): Promise<'interrupted' | 'over'> {
    const job: Job = {
      ...{ since, kind, startedAt: clock.monotonic(), tries: 0, lost: null },
      ...{ failed: null, tooMany: new Set(), rows: new Map() },
    };
    for (;;) {
      job.tries++;
      const retryMs = backoffMs(job.tries, { firstMs: firstRetryMs, longestMs: longestRetryMs });
      const next = `retrying in ${formatDuration(retryMs)}`;
      let outcome: 'whole' | 'not all' = 'not all';
      try {
        outcome = await read(job, next);
      } catch (err) {
        job.failed = null;
        logFailure(log, err, {}, `could not fetch missed events; ${next}`);
      }
      if (signal.aborted) return 'interrupted';
      if (outcome === 'whole' || clock.monotonic() - job.startedAt >= options.maxAgeMs) return 'over';
      if ((await wait(retryMs)) === 'interrupted') return 'interrupted';
    }
  }

  /**
   * Reads the rows of a job, or the remaining ones, once; passes them on and reports the reading. `next`: when it is
   * retried.
   */
  async function read(job: Job, next: string): Promise<'whole' | 'not all'> {
    // Use the present wall clock, which may have been set back since.
    const from = wallTimeOf(job.since, clock);
    const began = clock.now();
    const oldest = began - options.maxAgeMs;
    if (from < oldest && job.kind === 'gap' && job.tries === 1) job.lost = tellTooOld(from, oldest);
    const found = await readGap(options, { models: modelsOf(job), from: Math.max(from, oldest) }, signal);
    if (signal.aborted) return 'not all';
    tellNotAll(job, found, next);
    // Late rows do not justify another digest.
    const isLong = job.kind === 'gap' && clock.now() - from > options.digestAfterMs;
    const news = await options.receive(found.messages, isLong ? from : null);
    // If the backfill is stopping, the rows may not have been committed.
    if (signal.aborted) return 'not all';
    for (const [model, count] of found.rows) job.rows.set(model, count);
    for (const model of found.tooMany.keys()) job.tooMany.add(model);
    job.lost = joinTexts(job.lost, reasonsOf(found.tooMany));
    const rows = [...job.rows.values()].reduce((sum, count) => sum + count, 0);
    const failed = reasonsOf(found.failed);
    if (job.kind === 'gap') {
      await options.onReading({ from, began, rows, news, lost: job.lost, failed });
      if (failed === null) log.info({ rows }, `fetched all rows that the API has since ${iso(from)}`);
    }
    job.failed = new Set(found.failed.keys());
    return failed === null ? 'whole' : 'not all';
  }

  /**
   * Returns all models at first, including those already read, because rows become visible late; after that, the models
   * that failed.
   */
  function modelsOf({ startedAt, failed, tooMany }: Job): readonly ModelInfo[] {
    const isYoung = clock.monotonic() - startedAt < lateMs;
    const models = readableModels(options.wanted(), options.catalogue);
    return models.filter(({ name }) => !tooMany.has(name) && (isYoung || failed === null || failed.has(name)));
  }

  /** Logs that the beginning of a gap is lost. Returns the text. */
  function tellTooOld(from: number, oldest: number): string {
    const text = `events before ${iso(oldest)} are not fetched (source.backfill.max_age)`;
    log.warn({ from: iso(from) }, `${text} and are lost`);
    return text;
  }

  function tellNotAll({ since, kind, tries }: Job, { failed, tooMany }: GapRows, next: string): void {
    const from = iso(wallTimeOf(since, clock));
    for (const [model, reason] of tooMany)
      log.error({ model, reason }, `could not fetch all ${model} since ${from}: ${reason}; the rest is lost`);
    for (const [model, reason] of failed) {
      const text = `could not fetch all ${model} since ${from}: ${reason}; ${next}`;
      // Warn once about an API that is unavailable for hours; `status` and the metrics show it all the time.
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

/** Compares by the monotonic clock, which setting the wall clock does not change. */
const earlier = (a: Moment, b: Moment) => (a.monotonic <= b.monotonic ? a : b);
const later = (a: Moment, b: Moment) => (a.monotonic <= b.monotonic ? b : a);
const before = ({ wall, monotonic }: Moment, ms: number) => ({ wall: wall - ms, monotonic: monotonic - ms });

const iso = (unixMs: number) => new Date(unixMs).toISOString();

function reasonsOf(models: ReadonlyMap<string, string>): string | null {
  return joinTexts(...[...models].map(([name, reason]) => `${name}: ${reason}`));
}
