import type { Config } from '../../config/config.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import { endCatchUp } from '../../ingest/store-event.ts';
import type { Log } from '../../log.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import type { Router } from '../../router/router.ts';
import type { Secret } from '../../secrets/secret.ts';
import { logFailure } from '../../store/log-failure.ts';
import type { Database } from '../../store/tables.ts';
import type { Clock } from '../../time/clock.ts';
import type { Source } from '../source/source.ts';
import { Backfill } from './backfill.ts';
import { newestBefore } from './event-marks.ts';
import { type NewGap, noteGap, openSince, type Reading, unlistable } from './gap-rows.ts';
import { heardUntil, noteHeardUntil } from './heard-until.ts';
import { type KeepHeardUntil, keepHeardUntil } from './keep-heard-until.ts';
import { createNoteReadings } from './note-readings.ts';

/** Time before the last frame that belongs to a gap, ms: pings overtake events, which wait for Redis and a free thread of the server. */
const UNDER_WAY_MS = 5_000;
/** Longest time that recovered events wait for the rest of their gap, ms. Stored, so that it survives a crash. */
const CATCH_UP_MS = 60_000;

export interface GapRecoveryOptions {
  readonly config: Pick<Config, 'source' | 'catalogue' | 'derived'>;
  readonly db: Database;
  readonly router: Pick<Router, 'union'>;
  readonly pipeline: Pick<Pipeline, 'receive' | 'idle' | 'counts'>;
  readonly tell: TellOperators;
  /** Called with the rooms that have something to send. */
  readonly wake: (roomIds: Iterable<number>) => void;
  /** Called after a reading: events of a gap that the API cannot list may have changed what cards show. */
  readonly refreshCards: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Finds the gaps in a source's events, stores them and recovers what the API still has. */
export interface GapRecovery {
  /** Starts to store how far the source was received, and to fetch gaps that an earlier process left open. */
  start(source: Pick<Source, 'heardUntil'>): void;
  /** Called before the first connection: the time when Lookout did not run is a gap. */
  beforeStart(): void;
  /** Called when the source sends events again, after it may have missed some since `from`, Unix milliseconds. */
  gap(gap: { readonly from: number; readonly reason: string }): void;
  /** Called when no event arrived since `from`, Unix milliseconds. Perhaps nothing happened. */
  quiet(from: number): void;
  /** Number of rows that the API returned since the start, including known ones. */
  readonly rowsFetched: number;
  /** Number of readings since the start that were incomplete. */
  readonly failedReadings: number;
  /** Stores how far the source was received, if all of it is committed before the signal is aborted. */
  stop(now: AbortSignal): Promise<void>;
}

/** Creates the gap recovery. It fetches missed events only if the configuration names the API. */
export async function createGapRecovery(options: GapRecoveryOptions): Promise<GapRecovery> {
  const { config, db, router, clock, log } = options;
  const { api, key, name, backfillMaxAgeMs: maxAgeMs } = config.source;
  const startedAt = clock.now();
  const heardBefore = await heardUntil(db, name, startedAt);
  const leftOpen = await openSince(db, name, { now: startedAt, maxAgeMs });
  const gapsToWrite: NewGap[] = [];
  let writing: Promise<unknown> = Promise.resolve();
  let keeping: KeepHeardUntil | null = null;
  /**
   * Time since which the connected source has sent no event, Unix milliseconds; null: events arrive, or this was not
   * checked.
   */
  let quietSince: number | null = null;
  let failedReadings = 0;
  let isFailing = false;
  const noteReading = createNoteReadings({ ...options, source: name, maxAgeMs });
  const fetcher = api === null || key === null ? null : createFetcher(options, { api, key }, onReading);

  async function onReading(reading: Reading): Promise<void> {
    if (reading.failed !== null) failedReadings++;
    await noteReading(reading);
    // Do this only for the first of several failures.
    if (reading.failed === null || !isFailing) await options.refreshCards();
    isFailing = reading.failed !== null;
    if (quietSince === null) return;
    // Pings arrived but events did not. Whatever the API cannot list for that time is lost.
    if (reading.news > 0) gap({ from: quietSince, reason: 'the source was connected but sent no events' });
    if (reading.news > 0 || reading.failed === null) quietSince = null;
  }

  function gap({ from: heardAt, reason }: { readonly from: number; readonly reason: string }): void {
    const until = clock.now();
    const from = Math.min(heardAt, until) - UNDER_WAY_MS;
    const lost = unlistable(router.union, fetcher === null ? null : config.catalogue) || null;
    const rest = lost === null ? '' : `; cannot be fetched: ${lost}`;
    const span = `from ${iso(from)} to ${iso(until)} may have been missed`;
    log.warn({ from, until, reason, lost }, `events ${span}: ${reason}${rest}`);
    // A short gap appears in the log, in `status` and in the metrics. A restart does not need an alert.
    if (lost !== null && until - from >= config.derived.lostAfterMs)
      options.tell('gap', `Events ${span} (${reason})${rest}.`);
    gapsToWrite.push({ from, until, reason, lost });
    writing = writing.then(async () => {
      // Fetch the gap even while it cannot be stored.
      if ((await writeGaps()) === 'left') fetcher?.recover(from);
    });
  }

  /**
   * Stores the new gaps, then fetches all open ones. A gap that could not be stored is stored before the next mark.
   * Never rejects.
   */
  async function writeGaps(): Promise<'written' | 'left'> {
    if (gapsToWrite.length === 0) return 'written';
    try {
      for (let first = gapsToWrite[0]; first !== undefined; first = gapsToWrite[0]) {
        const { from, until } = await noteGap(db, name, first);
        if (from < first.from || until > first.until)
          log.info({ from, until }, `merged with the gap before: from ${iso(from)} to ${iso(until)}`);
        gapsToWrite.shift();
      }
      const since = await openSince(db, name, { now: clock.now(), maxAgeMs });
      if (since !== null) fetcher?.recover(since);
      return 'written';
    } catch (err) {
      logFailure(log, err, {}, 'could not store a gap; retrying');
      return 'left';
    }
  }

  /** Stores the mark and the gaps before it. Never rejects. */
  async function noteMark(at: number): Promise<'noted' | 'not noted'> {
    try {
      if ((await writeGaps()) === 'left') return 'not noted';
      await noteHeardUntil(db, name, at);
      return 'noted';
    } catch (err) {
      logFailure(log, err, {}, 'could not store how far the source was received; retrying');
      return 'not noted';
    }
  }

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writing.then(work);
    writing = done;
    return done;
  };

  return {
    start(source) {
      keeping ??= keepHeardUntil({
        heardUntil: () => source.heardUntil,
        committed: () => options.pipeline.idle(),
        note: (at) => inTurn(() => noteMark(at)),
        clock,
      });
      if (leftOpen !== null) fetcher?.recover(leftOpen);
    },
    beforeStart() {
      // The stored time is after now: the clock was set back, and it is unknown how long Lookout did not run.
      if (heardBefore === 'ahead')
        gap({ from: startedAt - maxAgeMs, reason: 'Lookout was not running, and the clock was set back' });
      else if (heardBefore !== null) gap({ from: heardBefore, reason: 'Lookout was not running' });
      // Record this now: if the process dies before the first event, the next start must know that a gap is possible.
      const at = clock.now();
      void inTurn(() => noteMark(at));
    },
    gap,
    quiet(from) {
      if (fetcher === null) return;
      quietSince = from;
      fetcher.recover(from);
    },
    get rowsFetched() {
      return fetcher?.rows ?? 0;
    },
    get failedReadings() {
      return failedReadings;
    },
    async stop(now) {
      await Promise.all([fetcher?.stop(), keeping?.stop(now)]);
      await writing;
    },
  };
}

const iso = (unixMs: number) => new Date(unixMs).toISOString();

function createFetcher(
  { config, db, router, pipeline, wake, clock, log }: GapRecoveryOptions,
  { api, key }: { readonly api: string; readonly key: Secret },
  onReading: (reading: Reading) => Promise<void>,
) {
  const { name, backfillMaxAgeMs: maxAgeMs, digestAfterMs } = config.source;
  let rows = 0;
  const onLess = (reason: string, line: string) => log.warn({ reason }, line);
  const reader = config.source.kind.createRowReader({ api, key, clock, onLess });
  const backfill = new Backfill({
    listRows: reader.listRows,
    catalogue: config.catalogue,
    wanted: () => router.union,
    aheadMs: () => reader.aheadMs,
    newestBefore: (model, before) => newestBefore(db, { source: name, model }, before),
    async receive(messages, missedSince) {
      rows += messages.length;
      const catchUp = missedSince === null ? null : { from: missedSince, until: clock.now() + CATCH_UP_MS };
      const { backfilled, lost } = pipeline.counts;
      for (const message of messages) pipeline.receive(message, 'backfilled', catchUp);
      await pipeline.idle();
      if (catchUp !== null) wake(await endCatchUp(db, catchUp.from, clock.now()));
      if (pipeline.counts.lost > lost)
        throw new Error('dropped fetched rows, because too many events wait for the store');
      return pipeline.counts.backfilled - backfilled;
    },
    onReading,
    maxAgeMs,
    digestAfterMs,
    clock,
    log,
  });
  return {
    recover: (from: number) => backfill.recover(from),
    get rows() {
      return rows;
    },
    async stop() {
      reader.close();
      await backfill.stop();
    },
  };
}
