import type { RowReader } from '../../catalogue/source-api.ts';
import type { Config } from '../../config/config.ts';
import { firstHeardAt } from '../../ingest/first-heard.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import { endCatchUp } from '../../ingest/store-event.ts';
import type { Log } from '../../log.ts';
import type { Router } from '../../router/router.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { Database } from '../../store/tables.ts';
import { type Clock, wallAheadMs } from '../../time/clock.ts';
import { Backfill } from './backfill.ts';
import { newestBefore } from './event-marks.ts';
import type { Reading } from './gap-rows.ts';

/** Longest time that recovered events wait for the rest of their gap, ms. Stored, so that it survives a crash. */
const CATCH_UP_MS = 60_000;

export interface GapFetcherOptions {
  readonly config: Pick<Config, 'source' | 'catalogue' | 'network'>;
  readonly api: string;
  readonly key: Secret;
  readonly db: Database;
  readonly router: Pick<Router, 'union'>;
  readonly pipeline: Pick<Pipeline, 'receive' | 'idle' | 'counts'>;
  /** Called with the rooms that have something to send. */
  readonly wake: (roomIds: Iterable<number>) => void;
  /** Called for each reading of a gap until every page has been read. */
  readonly onReading: (reading: Reading) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Fetches the rows of gaps from the API and passes them to the pipeline. */
export class GapFetcher {
  readonly #options: GapFetcherOptions;
  readonly #reader: RowReader;
  readonly #backfill: Backfill;
  #rows = 0;

  constructor(options: GapFetcherOptions) {
    const { config, api, key, db, router, clock, log } = options;
    const { name, kind, backfillMaxAgeMs: maxAgeMs, digestAfterMs } = config.source;
    const onLess = (reason: string, line: string) => log.warn({ reason }, line);
    const reader = kind.createRowReader({ api, key, network: config.network, clock, onLess });
    this.#options = options;
    this.#reader = reader;
    this.#backfill = new Backfill({
      listRows: reader.listRows,
      messageOf: config.source.kind.messageOf,
      catalogue: config.catalogue,
      wanted: () => router.union,
      aheadMs: () => reader.aheadMs,
      newestBefore: (model, before) => newestBefore(db, { source: name, model }, before - wallAheadMs(clock)),
      firstHeardAt: () => firstHeardAt(db, name, clock.wall()),
      receive: (messages, missedSince) => this.#receive(messages, missedSince),
      onReading: options.onReading,
      ...{ maxAgeMs, digestAfterMs, clock, log },
    });
  }

  /** Number of rows that the API returned since the start, including known ones. */
  get rows(): number {
    return this.#rows;
  }

  /** Starts to fetch events that may have been missed since `from` (Unix milliseconds). */
  recover(from: number): void {
    this.#backfill.recover(from);
  }

  async stop(): Promise<void> {
    this.#reader.close();
    await this.#backfill.stop();
  }

  /** Passes messages on and returns the number of new ones. `missedSince`: the start of their gap, if it is long. */
  async #receive(messages: readonly unknown[], missedSince: number | null): Promise<number> {
    const { db, pipeline, wake, clock } = this.#options;
    this.#rows += messages.length;
    const catchUp = missedSince === null ? null : { from: missedSince, until: clock.now() + CATCH_UP_MS };
    const { backfilled, lost } = pipeline.counts;
    for (const message of messages) pipeline.receive(message, 'backfilled', catchUp);
    await pipeline.idle();
    if (catchUp !== null) wake(await endCatchUp(db, catchUp.from, clock.now()));
    if (pipeline.counts.lost > lost)
      throw new Error('dropped fetched rows, because too many events wait for the store');
    return pipeline.counts.backfilled - backfilled;
  }
}
