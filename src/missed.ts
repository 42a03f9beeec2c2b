import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { Pipeline } from './ingest/pipeline.ts';
import type { Log } from './log.ts';
import { createMetasmokeApi } from './metasmoke/api/client.ts';
import { createListRows } from './metasmoke/api/list-rows.ts';
import type { TellOperators } from './operators.ts';
import { endCatchUp } from './outbox/enqueue.ts';
import type { Router } from './router/router.ts';
import type { Secret } from './secret.ts';
import { createBackfill } from './source/backfill.ts';
import { lastReceivedAt, newestBefore } from './source/event-marks.ts';
import { firstHeardAt, noteFirstHeard } from './source/first-heard.ts';
import { type Fetched, noteFetched, noteGap, oldestUnfetched, unlistable } from './source/gaps.ts';
import { logFailure } from './store/log-failure.ts';
import type { Database } from './store/tables.ts';

/** What was sent may have been under way for so long when we last heard something, in milliseconds. */
const UNDER_WAY_MS = 30_000;
/** What was missed waits for the rest of it at most so long, in milliseconds: also over a crash in between. */
const CATCH_UP_MS = 60_000;

export interface MissedOptions {
  readonly config: Config;
  readonly db: Database;
  readonly router: Router;
  readonly pipeline: Pipeline;
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
  /** The source tells us for the first time: what happened while nobody ran is a gap. */
  beforeStart(): void;
  /** The source tells us again, after it may have missed something since `from`, Unix milliseconds. */
  gap(gap: { readonly from: number; readonly reason: string }): void;
  /** Nothing came since then, Unix milliseconds, and perhaps nothing happened. */
  quiet(from: number): void;
  /** How many rows the API gave since the start, those that were known already too. */
  readonly rowsFetched: number;
  stop(): Promise<void>;
}

/** Writes gaps down, tells of them, and fetches what was missed where the configuration names the API. */
export async function createMissed(options: MissedOptions): Promise<Missed> {
  const { config, db, router, clock, log } = options;
  const { api, key, name, backfillMaxAgeMs } = config.source;
  const startedAt = clock.now();
  const lastAt = (await lastReceivedAt(db, name, startedAt)) ?? (await firstHeardAt(db, name));
  let writing: Promise<void> = Promise.resolve();
  /** Since when the source says nothing although it is connected, Unix milliseconds; null: it does, or nobody looked. */
  let quietSince: number | null = null;
  const fetcher = api === null || key === null ? null : createFetcher(options, { api, key }, fetched);

  async function fetched(result: Fetched): Promise<void> {
    await noteFetched(db, name, result);
    await options.refreshCards();
    // Pings prove nothing: what nobody told us of happened all the same, and what the API cannot list of that time is lost.
    if (quietSince !== null && result.news > 0)
      gap({ from: quietSince, reason: 'the source was connected and said nothing' });
    quietSince = null;
  }

  function gap({ from: heardAt, reason }: { readonly from: number; readonly reason: string }): void {
    const until = clock.now();
    const from = Math.min(heardAt, until) - UNDER_WAY_MS;
    const lost = unlistable(router.union, fetcher !== null) || null;
    const rest = lost === null ? '' : `; what cannot be fetched: ${lost}`;
    const span = `from ${new Date(from).toISOString()} to ${new Date(until).toISOString()} may have been missed`;
    log.warn({ from, until, reason, lost }, `events ${span}: ${reason}${rest}`);
    if (lost !== null) options.tell('gap', `Events ${span} (${reason})${rest}.`);
    // Written down before it is fetched, so that what was fetched of it can be noted.
    writing = writing
      .then(() => noteGap(db, name, { from, until, reason, lost }))
      .then(() => oldestUnfetched(db, name))
      .catch((err: unknown) => {
        logFailure(log, err, {}, 'a gap could not be written down');
        return null;
      })
      // An earlier gap whose fetching was ended is fetched along with it, once.
      .then((oldest) => fetcher?.recover(Math.min(from, oldest ?? from)));
  }

  return {
    beforeStart() {
      // All that came last bears times that are still to come: the clock was set back, and nobody knows for how long nobody ran.
      if (lastAt === 'ahead')
        gap({ from: startedAt - backfillMaxAgeMs, reason: 'Lookout did not run, and the clock was set back' });
      else if (lastAt !== null) gap({ from: lastAt, reason: 'Lookout did not run' });
      // Who is ended before the first event comes must know the next time that something may have come.
      writing = writing
        .then(() => noteFirstHeard(db, name, clock.now()))
        .catch((err: unknown) => log.error({ err }, 'that the source tells us could not be written down'));
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
    async stop() {
      await Promise.all([fetcher?.stop(), writing]);
    },
  };
}

function createFetcher(
  { config, db, router, pipeline, wake, clock, log }: MissedOptions,
  { api, key }: { readonly api: string; readonly key: Secret },
  onFetched: (result: Fetched) => Promise<void>,
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
      const before = pipeline.counts.backfilled;
      for (const message of messages) pipeline.receive(message, 'backfilled', catchUp);
      await pipeline.idle();
      if (catchUp !== null) wake(await endCatchUp(db, catchUp.from, clock.now()));
      return pipeline.counts.backfilled - before;
    },
    onFetched,
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
