import type { Config } from '../../config/config.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import { endCatchUp } from '../../ingest/store-event.ts';
import type { Log } from '../../log.ts';
import { createMetasmokeApi } from '../../metasmoke/api/client.ts';
import { createListRows } from '../../metasmoke/api/list-rows.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import type { Router } from '../../router/router.ts';
import type { Secret } from '../../secrets/secret.ts';
import { logFailure } from '../../store/log-failure.ts';
import type { Database } from '../../store/tables.ts';
import type { Clock } from '../../time/clock.ts';
import type { Source } from '../source/source.ts';
import { createBackfill } from './backfill.ts';
import { newestBefore } from './event-marks.ts';
import { type NewGap, noteGap, openSince, type Reading, unlistable } from './gap-rows.ts';
import { heardUntil, noteHeardUntil } from './heard-until.ts';
import { type KeepHeardUntil, keepHeardUntil } from './keep-heard-until.ts';
import { createNoteReadings } from './note-readings.ts';

/** Time before the last frame that belongs to a gap, ms: pings overtake events, which wait for Redis and a free thread of the server. */
const UNDER_WAY_MS = 5_000;
/** What was missed waits for the rest of it at most so long, in milliseconds: also over a crash in between. */
const CATCH_UP_MS = 60_000;

export interface MissedOptions {
  readonly config: Pick<Config, 'source' | 'catalogue' | 'derived'>;
  readonly db: Database;
  readonly router: Pick<Router, 'union'>;
  readonly pipeline: Pick<Pipeline, 'receive' | 'idle' | 'counts'>;
  readonly tell: TellOperators;
  /** These rooms have something to send. */
  readonly wake: (roomIds: Iterable<number>) => void;
  /** What the API cannot list of a gap may have changed what cards show. */
  readonly refreshCards: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is done about events that the source could not tell us. */
export interface Missed {
  /** Begins to note how far the source is heard, and to fetch what an earlier process left open. */
  start(source: Pick<Source, 'heardUntil'>): void;
  /** The source tells us for the first time: what happened while nobody ran is a gap. */
  beforeStart(): void;
  /** The source tells us again, after it may have missed something since `from`, Unix milliseconds. */
  gap(gap: { readonly from: number; readonly reason: string }): void;
  /** Nothing came since then, Unix milliseconds, and perhaps nothing happened. */
  quiet(from: number): void;
  /** How many rows the API gave since the start, those that were known already too. */
  readonly rowsFetched: number;
  /** How often since the start the API did not give all that was asked for. */
  readonly failedReadings: number;
  /** Notes how far the source was heard, if all of that is committed before the signal is aborted. */
  stop(now: AbortSignal): Promise<void>;
}

/** Writes gaps down, tells of them, and fetches what was missed where the configuration names the API. */
export async function createMissed(options: MissedOptions): Promise<Missed> {
  const { config, db, router, clock, log } = options;
  const { api, key, name, backfillMaxAgeMs: maxAgeMs } = config.source;
  const startedAt = clock.now();
  const heardBefore = await heardUntil(db, name, startedAt);
  const leftOpen = await openSince(db, name, { now: startedAt, maxAgeMs });
  const gapsToWrite: NewGap[] = [];
  let writing: Promise<unknown> = Promise.resolve();
  let keeping: KeepHeardUntil | null = null;
  /** Since when the source says nothing although it is connected, Unix milliseconds; null: it does, or nobody looked. */
  let quietSince: number | null = null;
  let failedReadings = 0;
  let isFailing = false;
  const noteReading = createNoteReadings({ ...options, source: name, maxAgeMs });
  const fetcher = api === null || key === null ? null : createFetcher(options, { api, key }, onReading);

  async function onReading(reading: Reading): Promise<void> {
    if (reading.failed !== null) failedReadings++;
    await noteReading(reading);
    // Not each time that it fails again.
    if (reading.failed === null || !isFailing) await options.refreshCards();
    isFailing = reading.failed !== null;
    if (quietSince === null) return;
    // Pings prove nothing: what nobody told us of happened all the same, and what the API cannot list of that time is lost.
    if (reading.news > 0) gap({ from: quietSince, reason: 'the source was connected and said nothing' });
    if (reading.news > 0 || reading.failed === null) quietSince = null;
  }

  function gap({ from: heardAt, reason }: { readonly from: number; readonly reason: string }): void {
    const until = clock.now();
    const from = Math.min(heardAt, until) - UNDER_WAY_MS;
    const lost = unlistable(router.union, fetcher !== null) || null;
    const rest = lost === null ? '' : `; what cannot be fetched: ${lost}`;
    const span = `from ${iso(from)} to ${iso(until)} may have been missed`;
    log.warn({ from, until, reason, lost }, `events ${span}: ${reason}${rest}`);
    // A short one is in the log, in `status` and in the metrics: a restart is not an alert.
    if (lost !== null && until - from >= config.derived.lostAfterMs)
      options.tell('gap', `Events ${span} (${reason})${rest}.`);
    gapsToWrite.push({ from, until, reason, lost });
    writing = writing.then(async () => {
      // It is fetched also while it cannot be written down.
      if ((await writeGaps()) === 'left') fetcher?.recover(from);
    });
  }

  /** Writes gaps down, then has all fetched that is open. One that could not be written is before the next mark. Never rejects. */
  async function writeGaps(): Promise<'written' | 'left'> {
    if (gapsToWrite.length === 0) return 'written';
    try {
      for (let first = gapsToWrite[0]; first !== undefined; first = gapsToWrite[0]) {
        const { from, until } = await noteGap(db, name, first);
        if (from < first.from || until > first.until)
          log.info({ from, until }, `it is one gap with the one before: from ${iso(from)} to ${iso(until)}`);
        gapsToWrite.shift();
      }
      const since = await openSince(db, name, { now: clock.now(), maxAgeMs });
      if (since !== null) fetcher?.recover(since);
      return 'written';
    } catch (err) {
      logFailure(log, err, {}, 'a gap could not be written down; it is tried again');
      return 'left';
    }
  }

  /** Never rejects. */
  async function noteMark(at: number): Promise<'noted' | 'not noted'> {
    try {
      if ((await writeGaps()) === 'left') return 'not noted';
      await noteHeardUntil(db, name, at);
      return 'noted';
    } catch (err) {
      logFailure(log, err, {}, 'how far the source was heard could not be written down; it is tried again');
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
      // The time that was noted is still to come: the clock was set back, and it is not known for how long Lookout did not run.
      if (heardBefore === 'ahead')
        gap({ from: startedAt - maxAgeMs, reason: 'Lookout did not run, and the clock was set back' });
      else if (heardBefore !== null) gap({ from: heardBefore, reason: 'Lookout did not run' });
      // A process that is killed before its first mark leaves this one: events may have come since now.
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
  { config, db, router, pipeline, wake, clock, log }: MissedOptions,
  { api, key }: { readonly api: string; readonly key: Secret },
  onReading: (reading: Reading) => Promise<void>,
) {
  const { name, backfillMaxAgeMs: maxAgeMs, digestAfterMs } = config.source;
  let rows = 0;
  const client = createMetasmokeApi({ api, key, clock });
  const listRows = createListRows(client, (reason) =>
    log.warn({ reason }, `the API does not say which fields it has (${reason}): what is fetched has few`),
  );
  const backfill = createBackfill({
    listRows,
    catalogue: config.catalogue,
    wanted: () => router.union,
    aheadMs: () => client.aheadMs,
    newestBefore: (model, before) => newestBefore(db, { source: name, model }, before),
    async receive(messages, missedSince) {
      rows += messages.length;
      const catchUp = missedSince === null ? null : { from: missedSince, until: clock.now() + CATCH_UP_MS };
      const { backfilled, lost } = pipeline.counts;
      for (const message of messages) pipeline.receive(message, 'backfilled', catchUp);
      await pipeline.idle();
      if (catchUp !== null) wake(await endCatchUp(db, catchUp.from, clock.now()));
      if (pipeline.counts.lost > lost)
        throw new Error('fetched rows were dropped, since too many events wait for the store');
      return pipeline.counts.backfilled - backfilled;
    },
    onReading,
    maxAgeMs,
    digestAfterMs,
    clock,
    log,
  });
  return {
    recover: backfill.recover,
    get rows() {
      return rows;
    },
    async stop() {
      client.close();
      await backfill.stop();
    },
  };
}
