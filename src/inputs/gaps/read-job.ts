import type { Catalogue, ModelInfo } from '../../catalogue/catalogue.ts';
import type { SentSpec } from '../../catalogue/event-spec.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../../time/clock.ts';
import { type Moment, wallTimeOf } from '../../time/moment.ts';
import type { Reading } from './gap-rows.ts';
import { joinTexts } from './join-texts.ts';
import { type GapRows, type ReadGapOptions, readableModels, readGap } from './read-gap.ts';

export interface ReadJobOptions extends ReadGapOptions {
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

/** Longest time from an event until its row is visible, ms. */
export const LATE_MS = 10 * 60_000;

/** One task for the API: all rows since an instant, or only those that become visible late. */
export interface Job {
  readonly since: Moment;
  readonly kind: 'gap' | 'late';
  /** Start of the task by the monotonic clock, ms. */
  readonly startedAt: number;
  /** Number of attempts, including the present one. */
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

export function newJob(of: Pick<Job, 'since' | 'kind' | 'startedAt'>): Job {
  return { ...of, tries: 0, failed: null, tooMany: new Set(), rows: new Map(), lost: null };
}

/**
 * Reads the rows of a job, or the remaining ones, once; passes them on and reports the reading. `next`: what happens
 * after a failure, for the log.
 */
export async function readJob(
  options: ReadJobOptions,
  job: Job,
  { next, signal }: { readonly next: string; readonly signal: AbortSignal },
): Promise<'whole' | 'not all'> {
  const { clock, log } = options;
  // Use the present wall clock, which may have been set back since.
  const from = wallTimeOf(job.since, clock);
  const began = clock.wall();
  const oldest = began - options.maxAgeMs;
  if (from < oldest && job.kind === 'gap' && job.tries === 1) job.lost = logTooOld(log, from, oldest);
  const found = await readGap(options, { models: modelsOf(job, options), from: Math.max(from, oldest) }, signal);
  if (signal.aborted) return 'not all';
  logNotAll(options, job, { found, next });
  // Late rows do not justify another digest.
  const isLong = job.kind === 'gap' && clock.wall() - from > options.digestAfterMs;
  const news = await options.receive(found.messages, isLong ? from : null);
  // If the backfill is stopping, the rows may not have been committed.
  if (signal.aborted) return 'not all';
  add(job, found);
  const failed = reasonsOf(found.failed);
  if (job.kind === 'gap') {
    const rows = [...job.rows.values()].reduce((sum, count) => sum + count, 0);
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
function modelsOf(
  { startedAt, failed, tooMany }: Job,
  { clock, wanted, catalogue }: ReadJobOptions,
): readonly ModelInfo[] {
  const isYoung = clock.monotonic() - startedAt < LATE_MS;
  const models = readableModels(wanted(), catalogue);
  return models.filter(({ name }) => !tooMany.has(name) && (isYoung || failed === null || failed.has(name)));
}

/** Adds the rows that were found and committed. */
function add(job: Job, { rows, tooMany }: GapRows): void {
  for (const [model, count] of rows) job.rows.set(model, count);
  for (const model of tooMany.keys()) job.tooMany.add(model);
  job.lost = joinTexts(job.lost, reasonsOf(tooMany));
}

/** Logs that the beginning of a gap is lost. Returns the text. */
function logTooOld(log: Log, from: number, oldest: number): string {
  const text = `events before ${iso(oldest)} are not fetched (source.backfill.max_age)`;
  log.warn({ from: iso(from) }, `${text} and are lost`);
  return text;
}

function logNotAll(
  { clock, log }: ReadJobOptions,
  { since, kind, tries }: Job,
  { found: { failed, tooMany }, next }: { readonly found: GapRows; readonly next: string },
): void {
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

const iso = (unixMs: number) => new Date(unixMs).toISOString();

function reasonsOf(models: ReadonlyMap<string, string>): string | null {
  return joinTexts(...[...models].map(([name, reason]) => `${name}: ${reason}`));
}
