import type { AskedPost, FetchedPost } from '../../catalogue/fetched-post.ts';
import { postIdOf } from '../../catalogue/subject.ts';
import type { Config } from '../../config/config.ts';
import { storeDetails, storeSites } from '../../ingest/details/store-details.ts';
import { storeKnown } from '../../ingest/details/store-known.ts';
import { hasPost, wantOpenCards } from '../../ingest/details/want-details.ts';
import { askAgain, dueDetails, endWanted, nextDue, type Wanted } from '../../ingest/details/wanted-details.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../store/tables.ts';
import { readRows } from '../../subject-rows/known-post.ts';
import type { Row } from '../../subjects/fold-rows.ts';
import { textOf, timeOf } from '../../text/json.ts';
import { backoffMs, storeBackoffMs } from '../../time/backoff.ts';
import { createBell } from '../../time/bell.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { createPerMinuteLimit } from '../../time/per-minute-limit.ts';
import { unlessStopped } from '../../time/until-aborted.ts';
import type { Event } from '../../words.ts';

/** Largest number of posts in one request. */
const atOnce = 20;
/** Longest time between two checks for due requests, ms. */
const LOOK_MS = 60_000;
/** First and longest pause after a failure of the API, ms; it doubles in between. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** Age at which the details of a site are fetched again, ms. */
const SITE_MS = 24 * 3_600_000;
/**
 * Grace period, ms: rows appear in the API some time after their event (3 % later than 5 s, measured), so a missing row
 * is not conclusive before this.
 */
const SETTLED_MS = 10 * 60_000;

export interface DetailsOptions {
  readonly config: Config;
  readonly db: Database;
  readonly pipeline: Pick<Pipeline, 'receive' | 'idle'>;
  /** Called with the rooms that have a message to redraw. */
  readonly wake: (roomIds: Iterable<number>) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Fetches details of posts that rooms have seen from metasmoke's API, a few requests a minute. Never throws. */
export interface Details {
  start(): void;
  /** Checks now for due requests. */
  look(): void;
  /** Called after a gap was fetched: open cards may show outdated details. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

const none: Details = { start() {}, look() {}, refresh: async () => {}, stop: async () => {} };

/** The stored rows of a post whose details are requested. */
interface Asked {
  readonly wanted: Wanted;
  readonly rows: readonly Row[];
}

/** Creates the details input. It does nothing if the configuration names no API. */
export function createDetails({ config, db, pipeline, wake, clock, log }: DetailsOptions): Details {
  const { api: url, key, kind, name: source, detailsPerMinute, backfillMaxAgeMs } = config.source;
  if (url === null || key === null) return none;
  const { catalogue } = config;
  const ended = new AbortController();
  const { signal } = ended;
  const bell = createBell(clock);
  const limit = createPerMinuteLimit(detailsPerMinute, clock);
  const reader = kind.createDetailsReader({
    ...{ api: url, key, clock, catalogue },
    admit: limit.take,
    async needsSite(id) {
      const row = await db.selectFrom('sites').select('fetched_at').where('id', '=', id).executeTakeFirst();
      return row === undefined || row.fetched_at < clock.now() - SITE_MS;
    },
    onLess: (reason, line) => log.warn({ reason }, line),
  });
  let failures = 0;
  let working: Promise<void> | null = null;

  async function work(): Promise<void> {
    for (let broken = 0; !signal.aborted; ) {
      try {
        const due = await dueDetails(db, clock.now(), atOnce);
        if (due.length > 0) await ask(due);
        else {
          const next = await nextDue(db);
          await bell.wait(Math.max(0, Math.min(LOOK_MS, (next ?? Infinity) - clock.now())), signal);
        }
        broken = 0;
      } catch (err) {
        log.error({ err }, 'could not fetch or store details of posts; retrying');
        await sleep(clock, storeBackoffMs(++broken), signal);
      }
    }
  }

  async function ask(due: readonly Wanted[]): Promise<void> {
    const asked = new Map<string, Asked>();
    for (const wanted of due) {
      const { subject, names } = wanted;
      if (names.length === 1 && names[0] === 'post' && (await hasPost(db, subject))) await endWanted(db, wanted);
      else {
        const rows = await readRows(db, subject, ['report', 'vote', 'flag']);
        asked.set(postIdOf(subject) ?? subject, { wanted, rows });
      }
    }
    if (asked.size === 0) return;
    const began = clock.now();
    const missing = new Set(asked.keys());
    const problem = await reader.fetch(
      [...asked].map(([id, one]) => question(id, one)),
      async ({ posts, sites }) => {
        if (sites.length > 0) await db.transaction().execute((trx) => storeSites(trx, sites, clock.now()));
        for (const post of posts) {
          const one = asked.get(post.id);
          if (one === undefined || !missing.delete(post.id)) continue;
          await take(post, one, began);
        }
      },
      signal,
    );
    if (signal.aborted) return;
    if (problem !== null) return pause(problem);
    if (failures > 0) log.info({}, 'fetching details of posts works again');
    failures = 0;
    for (const id of missing) {
      const one = asked.get(id);
      if (one !== undefined) await askAgain(db, one.wanted, { now: clock.now(), why: 'not there yet' });
    }
  }

  async function pause(reason: string): Promise<void> {
    if (failures++ === 0)
      log.warn({ reason }, `could not fetch details of posts; cards are shown without them for now: ${reason}`);
    await sleep(clock, backoffMs(failures, { firstMs: FIRST_PAUSE_MS, longestMs: LONGEST_PAUSE_MS }), signal);
  }

  /**
   * Stores the fetched details of a post. A post that was never received, and is not older than what is fetched after a
   * gap, is received now.
   */
  async function take(post: FetchedPost, { wanted, rows }: Asked, began: number): Promise<void> {
    const { subject } = wanted;
    if (wanted.names.includes('post') && isRecent(post) && !rows.some(({ role }) => role === 'report')) {
      pipeline.receive({ event_type: 'create', event_class: 'Post', object: post.row }, 'backfilled');
      await unlessStopped(pipeline.idle(), signal, undefined);
      if (signal.aborted) return;
    }
    const events = eventsFrom(post, began, rows).filter((event) => event.subject === subject);
    const rooms = await db.transaction().execute(async (trx) => {
      const now = clock.now();
      const changed = await storeKnown(trx, events, now);
      const flags = rows.filter(({ role }) => role === 'flag');
      const shown = await storeDetails(trx, subject, { post, flags }, now);
      if (isComplete(post, flags, wanted, began)) await endWanted(trx, wanted);
      else await askAgain(trx, wanted, { now, why: post.isWhole ? 'not there yet' : 'failed' });
      return [...changed, ...shown];
    });
    wake(rooms);
  }

  function isRecent({ row }: FetchedPost): boolean {
    const at = timeOf(row.created_at);
    return at !== null && at >= clock.now() - backfillMaxAgeMs;
  }

  function eventsFrom(post: FetchedPost, began: number, rows: readonly Row[]): readonly Event[] {
    const gone = post.feedbacks === null ? [] : goneFeedbacks(post.feedbacks, rows, began);
    const all: readonly (readonly [string, readonly object[]])[] = [
      ['Post', [post.row]],
      ['Feedback', [...(post.feedbacks ?? []), ...gone]],
      ['FlagLog', post.flagLogs ?? []],
      ['DeletionLog', post.deletionLogs ?? []],
    ];
    return all.flatMap(([eventClass, objects]) =>
      objects.flatMap((object) => {
        const message = { event_type: 'update', event_class: eventClass, object };
        const decoded = kind.decode(message, { source, receivedAt: clock.now(), origin: 'backfilled', catalogue });
        return decoded.outcome === 'event' ? [decoded.event] : [];
      }),
    );
  }

  return {
    start() {
      working ??= work();
    },
    look: bell.ring,
    async refresh() {
      await db.transaction().execute((trx) => wantOpenCards(trx, clock.now()));
      bell.ring();
    },
    async stop() {
      ended.abort();
      reader.close();
      await working;
    },
  };
}

function question(id: string, { wanted, rows }: Asked): AskedPost {
  const row = rows.find(({ role }) => role === 'report')?.object;
  const names = new Set(wanted.names.filter((name) => name !== 'post'));
  return { id, link: textOf(row?.link), texts: row === undefined ? 'with' : 'without', wants: names };
}

/**
 * Returns invalidation rows for feedbacks that the API no longer lists. They were deleted or invalidated without an
 * event. They count as invalidated, because a destroy is final and an invalidation can be reverted by the source.
 */
function goneFeedbacks(listed: FetchedPost['feedbacks'], rows: readonly Row[], began: number): readonly object[] {
  const ids = new Set(listed?.map(({ id }) => String(id)));
  return rows
    .filter(({ role, id, isDestroyed }) => role === 'vote' && !isDestroyed && !ids.has(id))
    .filter(({ object, firstAt }) => object.is_invalidated !== true && firstAt < began - SETTLED_MS)
    .map(({ object: { id, post_id } }) => ({ id, post_id, is_invalidated: true }));
}

/**
 * Returns true if all requested details are there, including the users of the flags that the source announced a moment
 * ago.
 */
function isComplete(post: FetchedPost, flags: readonly Row[], { names }: Wanted, began: number): boolean {
  if (!post.isWhole) return false;
  if (!names.includes('flags') || post.flagLogs === null) return true;
  const listed = new Set(post.flagLogs.map(({ id }) => String(id)));
  return flags.every(({ id, isDestroyed, firstAt }) => isDestroyed || listed.has(id) || firstAt < began - SETTLED_MS);
}
