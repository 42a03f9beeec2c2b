import type { DetailsReader } from '../../catalogue/source-api.ts';
import type { KnownNames } from '../../ingest/details/known-names.ts';
import { storeSites } from '../../ingest/details/store-details.ts';
import type { Database } from '../../store/tables.ts';
import { backoffMs } from '../../time/backoff.ts';
import type { Clock } from '../../time/clock.ts';

/** Delay before the first reading, ms. Lets the posts that were missed go first. */
const FIRST_MS = 2 * 60_000;
/** Interval between two readings of the list, ms. */
const EVERY_MS = 24 * 3_600_000;
/** First and longest wait after a failure, ms; it doubles in between. */
const FAILED = { firstMs: 10 * 60_000, longestMs: 4 * 3_600_000 };

export interface SiteListOptions {
  readonly db: Database;
  readonly reader: Pick<DetailsReader, 'fetchSites'>;
  readonly names: Pick<KnownNames, 'noteSite'>;
  readonly clock: Clock;
}

/** Keeps the list of sites, which is fetched once a day. */
export class SiteList {
  readonly #options: SiteListOptions;
  #failures = 0;
  /** By the monotonic clock. */
  #dueAt: number;

  constructor(options: SiteListOptions) {
    this.#options = options;
    this.#dueAt = options.clock.monotonic() + FIRST_MS;
  }

  /** Time until the list has to be fetched, ms; not positive: now. */
  get dueInMs(): number {
    return this.#dueAt - this.#options.clock.monotonic();
  }

  /** Fetches and stores the list. Without an answer the old one stays, and the next reading is sooner. */
  async fetch(signal: AbortSignal): Promise<void> {
    const { db, reader, names, clock } = this.#options;
    const fetched = await reader.fetchSites(signal);
    this.#failures = fetched === null ? this.#failures + 1 : 0;
    this.#dueAt = clock.monotonic() + (fetched === null ? backoffMs(this.#failures, FAILED) : EVERY_MS);
    if (fetched === null || signal.aborted) return;
    await db.transaction().execute((trx) => storeSites(trx, fetched, clock.now()));
    for (const site of fetched) names.noteSite(site);
  }
}
