import type { FetchedPosts } from '../../catalogue/fetched-post.ts';
import type { DetailsReader } from '../../catalogue/source-api.ts';
import { postIdOf } from '../../catalogue/subject.ts';
import type { Config } from '../../config/config.ts';
import type { DetailsPace } from '../../ingest/details/details-pace.ts';
import type { KnownNames } from '../../ingest/details/known-names.ts';
import { storeAbsence, storeSites } from '../../ingest/details/store-details.ts';
import { hasPost, wantKnown, wantOpenCards } from '../../ingest/details/want-details.ts';
import {
  askAgain,
  dueDetails,
  endWanted,
  isLastTry,
  nextDue,
  type Wanted,
} from '../../ingest/details/wanted-details.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { Database } from '../../store/tables.ts';
import { readRows } from '../../subject-rows/post-parts.ts';
import { backoffMs, storeBackoffMs } from '../../time/backoff.ts';
import { type Bell, createBell } from '../../time/bell.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { createPerMinuteLimit } from '../../time/per-minute-limit.ts';
import { NameFetcher } from './name-fetcher.ts';
import { type Asked, questionOf } from './post-answer.ts';
import { SiteList } from './site-list.ts';
import { takePost } from './take-post.ts';

/** Largest number of posts in one request. */
const AT_ONCE = 20;
/** Longest time between two checks for due requests, ms. */
const LOOK_MS = 60_000;
/** First and longest pause after a failure of the API, ms; it doubles in between. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** Age of a report from which on a post that the API does not have was never there, ms: rows appear within seconds. */
const GHOST_MS = 5 * 60_000;
/** Age at which the details of a site are fetched again, ms. */
const SITE_MS = 24 * 3_600_000;

export interface DetailsOptions {
  readonly config: Config;
  readonly db: Database;
  readonly pipeline: Pick<Pipeline, 'receive' | 'idle'>;
  readonly names: Pick<KnownNames, 'noteUser' | 'noteSite' | 'siteOf'>;
  /** Called with the rooms that have a message to redraw. */
  readonly wake: (roomIds: Iterable<number>) => void;
  /** Is told how fast the API is. */
  readonly pace: DetailsPace;
  readonly clock: Clock;
  readonly log: Log;
}

/** Fetches details of posts that rooms have seen from metasmoke's API, a few requests a minute. Never throws. */
export interface Details {
  start(): void;
  /** Checks now for due requests. */
  look(): void;
  /**
   * Asks for a post that no room may have asked for. Returns what the API said of it so far; `no API`: there is none.
   */
  check(subject: string): Promise<'there' | 'absent' | 'not known yet' | 'no API'>;
  /** Called after a gap was fetched: open cards may show outdated details. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

const none: Details = {
  start() {},
  look() {},
  check: async () => 'no API',
  refresh: async () => {},
  stop: async () => {},
};

/** Creates the details input. It does nothing if the configuration names no API. */
export function createDetails(options: DetailsOptions): Details {
  const { api, key } = options.config.source;
  return api === null || key === null ? none : new DetailsFetcher(options, { api, key });
}

class DetailsFetcher implements Details {
  readonly #options: DetailsOptions;
  readonly #reader: DetailsReader;
  readonly #names: NameFetcher;
  readonly #sites: SiteList;
  readonly #bell: Bell;
  readonly #ended = new AbortController();
  /** Number of failures of the API in a row. */
  #failures = 0;
  #working: Promise<void> | null = null;

  constructor(options: DetailsOptions, access: { readonly api: string; readonly key: Secret }) {
    const { config, db, clock, log } = options;
    this.#options = options;
    this.#bell = createBell(clock);
    this.#reader = config.source.kind.createDetailsReader({
      ...{ ...access, network: config.network, clock, catalogue: config.catalogue },
      admit: createPerMinuteLimit(config.source.detailsPerMinute, clock).take,
      async needsSite(id) {
        const row = await db.selectFrom('sites').select('fetched_at').where('id', '=', id).executeTakeFirst();
        return row === undefined || row.fetched_at < clock.now() - SITE_MS;
      },
      onLess: (reason, line) => log.warn({ reason }, line),
    });
    this.#names = new NameFetcher({ ...options, reader: this.#reader });
    this.#sites = new SiteList({ ...options, reader: this.#reader });
  }

  start(): void {
    this.#working ??= this.#work();
  }

  look(): void {
    this.#bell.ring();
  }

  async check(subject: string): ReturnType<Details['check']> {
    const { db, clock } = this.#options;
    const known = await db
      .selectFrom('post_details')
      .select('absent_at')
      .where('subject', '=', subject)
      .executeTakeFirst();
    if (known !== undefined) return known.absent_at === null ? 'there' : 'absent';
    await db.transaction().execute((trx) => wantKnown(trx, subject, clock.now()));
    this.#bell.ring();
    return 'not known yet';
  }

  async refresh(): Promise<void> {
    const { db, clock } = this.#options;
    await db.transaction().execute((trx) => wantOpenCards(trx, clock.now()));
    this.#bell.ring();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    this.#reader.close();
    await this.#working;
  }

  async #work(): Promise<void> {
    const { db, clock, log } = this.#options;
    const { signal } = this.#ended;
    for (let broken = 0; !signal.aborted; ) {
      try {
        const due = await dueDetails(db, clock.now(), AT_ONCE);
        const names = due.filter((one) => one.names.includes('name'));
        const posts = due.filter((one) => !names.includes(one));
        // Reports wait for their details.
        if (posts.length > 0) await this.#ask(posts);
        if (names.length > 0 && !signal.aborted) await this.#names.ask(names, signal);
        if (due.length === 0 && this.#sites.dueInMs <= 0) await this.#sites.fetch(signal);
        else if (due.length === 0) {
          const next = Math.min(LOOK_MS, ((await nextDue(db)) ?? Infinity) - clock.now(), this.#sites.dueInMs);
          await this.#bell.wait(Math.max(0, next), signal);
        }
        broken = 0;
      } catch (err) {
        log.error({ err }, 'could not fetch or store details of posts; retrying');
        await sleep(clock, storeBackoffMs(++broken), signal);
      }
    }
  }

  async #ask(due: readonly Wanted[]): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#ended;
    const missing = await this.#askedOf(due);
    if (missing.size === 0) return;
    const began = clock.now();
    const questions = [...missing].map(([id, one]) => questionOf(id, one));
    this.#options.pace.began();
    const problem = await this.#reader.fetch(questions, (part) => this.#take(part, missing, began), signal);
    this.#options.pace.ended();
    if (signal.aborted) return;
    for (const one of missing.values()) this.#notePace(one, null);
    if (problem !== null) return this.#pause(problem);
    this.#noteSuccess();
    for (const one of missing.values()) await this.#noteMissing(one, began);
  }

  /**
   * The API answered, and does not have a post: it is asked again, or, if the report is old enough, or none came and the
   * API was asked often enough, the post is not there.
   */
  async #noteMissing({ wanted, rows }: Asked, began: number): Promise<void> {
    const { db, wake, clock } = this.#options;
    const now = clock.now();
    const report = rows.find(({ role }) => role === 'report');
    const isThere = report === undefined ? !isLastTry(wanted) : report.isDestroyed || report.firstAt > began - GHOST_MS;
    if (isThere) return askAgain(db, wanted, { now, why: 'not there yet' });
    const rooms = await db.transaction().execute(async (trx) => {
      await endWanted(trx, wanted);
      return storeAbsence(trx, wanted.subject, now);
    });
    wake(rooms);
  }

  /** Returns the posts to be asked for, by their ids. A post that was wanted alone and has arrived meanwhile is done. */
  async #askedOf(due: readonly Wanted[]): Promise<Map<string, Asked>> {
    const { db } = this.#options;
    const asked = new Map<string, Asked>();
    for (const wanted of due) {
      const { subject, names } = wanted;
      if (names.length === 1 && names[0] === 'post' && (await hasPost(db, subject))) await endWanted(db, wanted);
      else {
        const rows = await readRows(db, subject, ['report', 'vote', 'flag']);
        asked.set(postIdOf(subject) ?? subject, { wanted, rows });
      }
    }
    return asked;
  }

  /** Stores a part of the answer. Its posts are taken out of `missing`. */
  async #take({ posts, sites }: FetchedPosts, missing: Map<string, Asked>, began: number): Promise<void> {
    const { db, names, clock } = this.#options;
    if (sites.length > 0) await db.transaction().execute((trx) => storeSites(trx, sites, clock.now()));
    for (const site of sites) names.noteSite(site);
    for (const post of posts) {
      const asked = missing.get(post.id);
      missing.delete(post.id);
      if (asked === undefined) continue;
      this.#notePace(asked, clock.now());
      await takePost(this.#options, { post, asked, began }, this.#ended.signal);
    }
  }

  /** Notes how long a new report has waited for its details. `at`: when they came, Unix milliseconds; null: they did not. */
  #notePace({ wanted, rows }: Asked, at: number | null): void {
    const report = rows.find(({ role }) => role === 'report');
    // A request that an older report got, or that is repeated, says nothing about the next report.
    if (report === undefined || wanted.tries > 0 || wanted.since !== report.firstAt) return;
    this.#options.pace.noteReport(at === null ? null : at - report.firstAt);
  }

  async #pause(reason: string): Promise<void> {
    const { clock, log } = this.#options;
    if (this.#failures++ === 0)
      log.warn({ reason }, `could not fetch details of posts; cards are shown without them for now: ${reason}`);
    const pauseMs = backoffMs(this.#failures, { firstMs: FIRST_PAUSE_MS, longestMs: LONGEST_PAUSE_MS });
    await sleep(clock, pauseMs, this.#ended.signal);
  }

  #noteSuccess(): void {
    if (this.#failures > 0) this.#options.log.info({}, 'fetching details of posts works again');
    this.#failures = 0;
  }
}
