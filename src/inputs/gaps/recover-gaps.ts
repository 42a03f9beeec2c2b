import type { Config } from '../../config/config.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Log } from '../../log.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import type { Router } from '../../router/router.ts';
import type { Database } from '../../store/tables.ts';
import type { Clock } from '../../time/clock.ts';
import type { Source } from '../source/source.ts';
import { GapFetcher } from './fetch-gaps.ts';
import { type NewGap, openSince, type Reading, unlistable } from './gap-rows.ts';
import { heardUntil } from './heard-until.ts';
import { type KeepHeardUntil, keepHeardUntil } from './keep-heard-until.ts';
import { createNoteReadings } from './note-readings.ts';
import { GapWriter } from './write-gaps.ts';

/** Time before the last frame that belongs to a gap, ms: pings overtake events, which wait for Redis and a free thread of the server. */
const UNDER_WAY_MS = 5_000;

export interface GapRecoveryOptions {
  /** Returns the configuration in effect. */
  readonly config: () => Pick<Config, 'source' | 'catalogue' | 'derived' | 'network' | 'store'>;
  readonly db: Database;
  readonly router: Pick<Router, 'needed' | 'union'>;
  readonly pipeline: Pick<Pipeline, 'receive' | 'idle' | 'counts'>;
  readonly tell: TellOperators;
  /** Called with the rooms that have something to send. */
  readonly wake: (roomIds: Iterable<number>) => void;
  /** Called after a reading: events of a gap that the API cannot list may have changed what cards show. */
  readonly refreshCards: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Events that may be missed: since when, Unix milliseconds, and why. */
type Missed = Pick<NewGap, 'from' | 'reason'>;

/** The part of the store about the time before this process. */
interface Before {
  /** The time in which Lookout did not run; null: it runs for the first time. */
  readonly downtime: Missed | null;
  /** Start of the gaps that an earlier process left open, Unix milliseconds; null: none are. */
  readonly leftOpen: number | null;
  /** Time by which the wall clock was ahead of the monotonic one when this was read, ms. */
  readonly ahead: number;
}

/** Creates the gap recovery. It fetches missed events only if the configuration names the API. */
export async function createGapRecovery(options: GapRecoveryOptions): Promise<GapRecovery> {
  const { config, db, clock } = options;
  const { source, store } = config();
  const { name, backfillMaxAgeMs: maxAgeMs } = source;
  const now = clock.wall();
  const heard = await heardUntil(db, name, now);
  const leftOpen = await openSince(db, name, { now, maxAgeMs });
  const ahead = now - clock.monotonic();
  return new GapRecovery(options, {
    downtime: downtimeOf(heard, now - maxAgeMs, store.kind === 'postgres'),
    leftOpen,
    ahead,
  });
}

/**
 * Returns the time in which Lookout did not run. `oldest`: where it begins at most, Unix milliseconds. `isShared`: other processes may
 * have run meanwhile.
 */
function downtimeOf(heard: Awaited<ReturnType<typeof heardUntil>>, oldest: number, isShared: boolean): Missed | null {
  if (heard === null) return null;
  const absence = isShared ? 'no process listened to the source' : 'Lookout was not running';
  // The stored time is after now: the clock was set back, and it is unknown how long Lookout did not run.
  if (heard === 'ahead') return { from: oldest, reason: `${absence}, and the clock was set back` };
  return { from: heard, reason: absence };
}

/** Finds the gaps in a source's events, stores them and recovers what the API still has. */
export class GapRecovery {
  readonly #options: GapRecoveryOptions;
  readonly #before: Before;
  readonly #writer: GapWriter;
  /** Null: the configuration names no API. */
  #fetcher: GapFetcher | null;
  /** Number of rows of earlier fetchers. */
  #rowsBefore = 0;
  readonly #noteReading: (reading: Reading) => Promise<void>;
  #keeping: KeepHeardUntil | null = null;
  /**
   * Time since which the connected source has sent no event, Unix milliseconds; null: events arrive, or this was not
   * checked.
   */
  #quietSince: number | null = null;
  #failedReadings = 0;
  /** True if the last reading was incomplete. */
  #isFailing = false;

  /** Use `createGapRecovery`, which asks the store what was before. */
  constructor(options: GapRecoveryOptions, before: Before) {
    const source = options.config().source.name;
    const maxAgeMs = () => options.config().source.backfillMaxAgeMs;
    this.#options = options;
    this.#before = before;
    this.#noteReading = createNoteReadings({ ...options, source, maxAgeMs });
    this.#fetcher = this.#createFetcher();
    const recover = (from: number) => this.#fetcher?.recover(from);
    this.#writer = new GapWriter({ ...options, source, maxAgeMs, recover });
  }

  /** Number of rows that the API returned since the start, including known ones. */
  get rowsFetched(): number {
    return this.#rowsBefore + (this.#fetcher?.rows ?? 0);
  }

  /** Number of readings since the start that were incomplete. */
  get failedReadings(): number {
    return this.#failedReadings;
  }

  /** Starts to store how far the source was received, and to fetch gaps that an earlier process left open. */
  start(source: Pick<Source, 'heardUntil'>): void {
    const { pipeline, clock } = this.#options;
    this.#keeping ??= keepHeardUntil({
      heardUntil: () => source.heardUntil,
      committed: () => pipeline.idle(),
      note: (at) => this.#writer.mark(at),
      clock,
    });
    if (this.#before.leftOpen !== null) this.#fetcher?.recover(this.#before.leftOpen);
  }

  /** Fetches by the configuration in effect from now on, and begins anew with what is not fetched yet. */
  async configure(): Promise<void> {
    const { config, db, clock } = this.#options;
    const before = this.#fetcher;
    this.#fetcher = this.#createFetcher();
    await before?.stop();
    this.#rowsBefore += before?.rows ?? 0;
    const { name, backfillMaxAgeMs: maxAgeMs } = config().source;
    const open = await openSince(db, name, { now: clock.wall(), maxAgeMs });
    if (open !== null) this.#fetcher?.recover(open);
  }

  /** Called before the first connection: the time when Lookout did not run is a gap. */
  beforeStart(): void {
    const { downtime, ahead } = this.#before;
    const { clock } = this.#options;
    // If the clock was set back since the start, the gap keeps its length, and so begins earlier by the clock of now.
    const setBackMs = Math.max(0, Math.round(ahead - (clock.wall() - clock.monotonic())));
    if (downtime !== null) this.gap({ ...downtime, from: downtime.from - setBackMs });
    // Record this now: if the process dies before the first event, the next start must know that a gap is possible.
    void this.#writer.mark(clock.wall());
  }

  /** Called when the source sends events again, after it may have missed some since `from`, Unix milliseconds. */
  gap({ from: heardAt, reason }: Missed): void {
    const { config, router, clock } = this.#options;
    const until = clock.wall();
    const from = Math.min(heardAt, until) - UNDER_WAY_MS;
    const lost = unlistable(router.needed, this.#fetcher === null ? null : config().catalogue) || null;
    this.#announce({ from, until, reason, lost });
    this.#writer.add({ from, until, reason, lost });
  }

  /** Called when no event arrived since `from`, Unix milliseconds. Perhaps nothing happened. */
  quiet(from: number): void {
    if (this.#fetcher === null) return;
    this.#quietSince = from;
    this.#fetcher.recover(from);
  }

  /** Stores how far the source was received, if all of it is committed before the signal is aborted. */
  async stop(now: AbortSignal): Promise<void> {
    await Promise.all([this.#fetcher?.stop(), this.#keeping?.stop(now)]);
    await this.#writer.idle();
  }

  #createFetcher(): GapFetcher | null {
    const config = this.#options.config();
    const { api, key } = config.source;
    if (api === null || key === null) return null;
    const onReading = (reading: Reading) => this.#onReading(reading);
    return new GapFetcher({ ...this.#options, config, api, key, onReading });
  }

  #announce({ from, until, reason, lost }: NewGap): void {
    const { config, tell, log } = this.#options;
    const why = this.#fetcher === null ? ', since source.api is not set' : '';
    const rest = lost === null ? '' : `; cannot be fetched${why}: ${lost}`;
    const span = `from ${iso(from)} to ${iso(until)} may have been missed`;
    log.warn({ from: iso(from), until: iso(until), reason, lost }, `events ${span}: ${reason}${rest}`);
    // A short gap appears in the log, in `status` and in the metrics. A restart does not need an alert.
    if (lost !== null && until - from >= config().derived.lostAfterMs)
      tell('gap', `Events ${span} (${reason})${rest}.`);
  }

  async #onReading(reading: Reading): Promise<void> {
    if (reading.failed !== null) this.#failedReadings++;
    await this.#noteReading(reading);
    // Do this only for the first of several failures.
    if (reading.failed === null || !this.#isFailing) await this.#options.refreshCards();
    this.#isFailing = reading.failed !== null;
    if (this.#quietSince === null) return;
    // Pings arrived but events did not. Whatever the API cannot list for that time is lost.
    if (reading.news > 0) this.gap({ from: this.#quietSince, reason: 'the source was connected but sent no events' });
    if (reading.news > 0 || reading.failed === null) this.#quietSince = null;
  }
}

const iso = (unixMs: number) => new Date(unixMs).toISOString();
