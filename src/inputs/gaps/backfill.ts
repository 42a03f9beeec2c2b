import { logFailure } from '../../store/log-failure.ts';
import { backoffMs } from '../../time/backoff.ts';
import { sleep } from '../../time/clock.ts';
import { formatDuration } from '../../time/duration.ts';
import { type Moment, momentNow } from '../../time/moment.ts';
import { type Job, LATE_MS, newJob, type ReadJobOptions, readJob } from './read-job.ts';

/**
 * Delays before rows are requested again that the API did not list yet, ms: the first after the gap was fetched, the
 * second after the first.
 */
const AGAIN_AFTER_MS = [15_000, 60_000];
/** First and longest delay before the next attempt after a failed reading, ms; it doubles in between. */
const FIRST_RETRY_MS = 15_000;
const LONGEST_RETRY_MS = 10 * 60_000;

/** Fetches missed events, one gap after the other. */
export class Backfill {
  readonly #options: ReadJobOptions;
  readonly #ended = new AbortController();
  /** Earliest instant of a possible gap that no job covers yet. */
  #missing: Moment | null = null;
  #working: Promise<void> | null = null;
  /** Aborts the wait before rows are requested again. */
  #waiting = new AbortController();

  constructor(options: ReadJobOptions) {
    this.#options = options;
  }

  /** Starts to fetch events that may have been missed since `from` (Unix milliseconds). */
  recover(from: number): void {
    if (this.#ended.signal.aborted) return;
    const { clock } = this.#options;
    const since = { wall: from, monotonic: clock.monotonic() - (clock.wall() - from) };
    this.#missing = this.#missing === null ? since : earlier(this.#missing, since);
    this.#waiting.abort();
    this.#working ??= this.#work();
  }

  /** True while a gap is being fetched. */
  get running(): boolean {
    return this.#working !== null;
  }

  /** Resolves when no request is in progress. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let since = this.#takeMissing(); since !== null; since = this.#takeMissing()) {
      const left = await this.#recoverSince(since);
      if (this.#missing !== null && left !== null) this.#missing = earlier(this.#missing, left);
    }
    this.#working = null;
  }

  /** Returns where the next gap to be fetched begins; null: there is none, or the backfill stops. */
  #takeMissing(): Moment | null {
    if (this.#ended.signal.aborted) return null;
    const since = this.#missing;
    this.#missing = null;
    return since;
  }

  /**
   * Reads a gap, then again for rows that become visible late. If interrupted, returns the instant from which rows are
   * still missing.
   */
  async #recoverSince(since: Moment): Promise<Moment | null> {
    if ((await this.#readUntilWhole('gap', since)) === 'interrupted') return since;
    for (const afterMs of AGAIN_AFTER_MS) {
      // Fetch the next gap at once, together with late rows of this one.
      if (
        (await this.#wait(afterMs)) === 'interrupted' ||
        (await this.#readUntilWhole('late', since)) === 'interrupted'
      )
        return later(since, before(momentNow(this.#options.clock), LATE_MS));
    }
    return null;
  }

  /** Requests the rows again, with growing delays, until every page of every model is read or the gap is too old. */
  async #readUntilWhole(kind: Job['kind'], since: Moment): Promise<'interrupted' | 'over'> {
    const { clock, maxAgeMs } = this.#options;
    const job = newJob({ kind, since, startedAt: clock.monotonic() });
    for (;;) {
      job.tries++;
      const retryMs = backoffMs(job.tries, { firstMs: FIRST_RETRY_MS, longestMs: LONGEST_RETRY_MS });
      const outcome = await this.#tryToRead(job, `retrying in ${formatDuration(retryMs)}`);
      if (this.#ended.signal.aborted) return 'interrupted';
      if (outcome === 'whole' || clock.monotonic() - job.startedAt >= maxAgeMs) return 'over';
      if ((await this.#wait(retryMs)) === 'interrupted') return 'interrupted';
    }
  }

  async #tryToRead(job: Job, next: string): Promise<'whole' | 'not all'> {
    try {
      return await readJob(this.#options, job, { next, signal: this.#ended.signal });
    } catch (err) {
      job.failed = null;
      logFailure(this.#options.log, err, {}, `could not fetch missed events; ${next}`);
      return 'not all';
    }
  }

  /** Waits until the time is over, another gap is reported, or the backfill stops. */
  async #wait(ms: number): Promise<'interrupted' | 'over'> {
    const { signal } = this.#ended;
    const isInterrupted = () => this.#missing !== null || signal.aborted;
    this.#waiting = new AbortController();
    if (!isInterrupted()) await sleep(this.#options.clock, ms, AbortSignal.any([signal, this.#waiting.signal]));
    return isInterrupted() ? 'interrupted' : 'over';
  }
}

/** Compares by the monotonic clock, which setting the wall clock does not change. */
const earlier = (a: Moment, b: Moment) => (a.monotonic <= b.monotonic ? a : b);
const later = (a: Moment, b: Moment) => (a.monotonic <= b.monotonic ? b : a);
const before = ({ wall, monotonic }: Moment, ms: number) => ({ wall: wall - ms, monotonic: monotonic - ms });
