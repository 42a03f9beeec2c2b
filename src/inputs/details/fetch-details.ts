import type { Config } from '../../config/config.ts';
import { storeDetails, storeSites } from '../../ingest/details/store-details.ts';
import { storeKnown } from '../../ingest/details/store-known.ts';
import { hasPost, wantOpenCards } from '../../ingest/details/want-details.ts';
import { askAgain, dueDetails, endWanted, nextDue, type Wanted } from '../../ingest/details/wanted-details.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Log } from '../../log.ts';
import { createMetasmokeApi } from '../../metasmoke/api/client.ts';
import type { AskedPost, FetchedPost } from '../../metasmoke/api/fetched-post.ts';
import { createFetchDetails } from '../../metasmoke/api/post-details.ts';
import { decode } from '../../metasmoke/decode.ts';
import type { Database } from '../../store/tables.ts';
import { readRows } from '../../subject-rows/known-post.ts';
import type { Row } from '../../subjects/fold-rows.ts';
import { textOf, timeOf } from '../../text/json.ts';
import { storeBackoffMs } from '../../time/backoff.ts';
import { createBell } from '../../time/bell.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { createPermits } from '../../time/per-minute-limit.ts';
import { unlessStopped } from '../../time/until-aborted.ts';
import type { Event } from '../../words.ts';

/** So many posts are asked for together at most. */
const atOnce = 20;
/** It is looked for what is due at least so often, in milliseconds. */
const LOOK_MS = 60_000;
/** So long nothing is asked after the API failed, doubling up to the longest, in milliseconds. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** What is known of a site is fetched again after so long, in milliseconds. */
const SITE_MS = 24 * 3_600_000;
/** Rows are seen through the API a while after their events (3 % come later than 5 s, measured): so long one that is not there proves nothing, in milliseconds. */
const SETTLED_MS = 10 * 60_000;

export interface DetailsOptions {
  readonly config: Config;
  readonly db: Database;
  readonly pipeline: Pick<Pipeline, 'receive' | 'idle'>;
  /** These rooms have something to draw. */
  readonly wake: (roomIds: Iterable<number>) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Asks metasmoke's API about the posts that rooms are told of, a few requests a minute. Never throws. */
export interface Details {
  start(): void;
  /** Something may be wanted. */
  look(): void;
  /** A gap was fetched: what open cards show may be old. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

const none: Details = { start() {}, look() {}, refresh: async () => {}, stop: async () => {} };

/** What is known of a post that is asked for. */
interface Asked {
  readonly wanted: Wanted;
  readonly rows: readonly Row[];
}

/** Does nothing where the configuration names no API. */
export function createDetails({ config, db, pipeline, wake, clock, log }: DetailsOptions): Details {
  const { api: url, key, name: source, detailsPerMinute, backfillMaxAgeMs } = config.source;
  if (url === null || key === null) return none;
  const { catalogue } = config;
  const ended = new AbortController();
  const { signal } = ended;
  const bell = createBell(clock);
  const permits = createPermits(detailsPerMinute, clock);
  const client = createMetasmokeApi({ api: url, key, clock, tries: 1, admit: permits.take });
  const fetchDetails = createFetchDetails({
    api: client,
    catalogue,
    async needsSite(id) {
      const row = await db.selectFrom('sites').select('fetched_at').where('id', '=', id).executeTakeFirst();
      return row === undefined || row.fetched_at < clock.now() - SITE_MS;
    },
    onLess: (what, reason) =>
      log.warn(
        { reason },
        what === 'graphql'
          ? `metasmoke's GraphQL API is closed (${reason}): details of posts are asked for over REST, which is slower`
          : `the API does not say which fields it has (${reason}): details of posts have few`,
      ),
    clock,
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
        log.error({ err }, 'details of posts could not be fetched or stored; they are tried again');
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
        const rows = await readRows(db, subject, ['posts', 'feedbacks', 'flag_logs']);
        asked.set(subject.slice('post:'.length), { wanted, rows });
      }
    }
    if (asked.size === 0) return;
    const began = clock.now();
    const missing = new Set(asked.keys());
    const problem = await fetchDetails(
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
    if (failures > 0) log.info({}, 'details of posts can be fetched again');
    failures = 0;
    for (const id of missing) {
      const one = asked.get(id);
      if (one !== undefined) await askAgain(db, one.wanted, { now: clock.now(), why: 'not there yet' });
    }
  }

  async function pause(reason: string): Promise<void> {
    if (failures++ === 0)
      log.warn({ reason }, `details of posts cannot be fetched, cards go without them for now: ${reason}`);
    await sleep(clock, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, failures - 1)), signal);
  }

  /** Stores what was fetched of a post. One that nobody told us of, and that is no older than what is fetched after a gap, is received. */
  async function take(post: FetchedPost, { wanted, rows }: Asked, began: number): Promise<void> {
    const { subject } = wanted;
    if (wanted.names.includes('post') && isRecent(post) && !rows.some(({ model }) => model === 'posts')) {
      pipeline.receive({ event_type: 'create', event_class: 'Post', object: post.row }, 'backfilled');
      await unlessStopped(pipeline.idle(), signal, undefined);
      if (signal.aborted) return;
    }
    const events = toldBy(post, began, rows).filter((event) => event.subject === subject);
    const rooms = await db.transaction().execute(async (trx) => {
      const now = clock.now();
      const changed = await storeKnown(trx, events, now);
      const flags = rows.filter(({ model }) => model === 'flag_logs');
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

  function toldBy(post: FetchedPost, began: number, rows: readonly Row[]): readonly Event[] {
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
        const decoded = decode(message, { source, receivedAt: clock.now(), origin: 'backfilled', catalogue });
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
      client.close();
      await working;
    },
  };
}

function question(id: string, { wanted, rows }: Asked): AskedPost {
  const row = rows.find(({ model }) => model === 'posts')?.object;
  const names = new Set(wanted.names.filter((name) => name !== 'post'));
  return { id, link: textOf(row?.link), texts: row === undefined ? 'with' : 'without', wants: names };
}

/**
 * Feedbacks that the API does not list any more were taken back or invalidated, which nobody told us. They count as invalidated:
 * unlike a destroy, which is final, that is over when the source says otherwise.
 */
function goneFeedbacks(listed: FetchedPost['feedbacks'], rows: readonly Row[], began: number): readonly object[] {
  const ids = new Set(listed?.map(({ id }) => String(id)));
  return rows
    .filter(({ model, id, isDestroyed }) => model === 'feedbacks' && !isDestroyed && !ids.has(id))
    .filter(({ object, firstAt }) => object.is_invalidated !== true && firstAt < began - SETTLED_MS)
    .map(({ object: { id, post_id } }) => ({ id, post_id, is_invalidated: true }));
}

/** Whether all is there that was wanted: also who cast the flags that the source told of a moment ago. */
function isComplete(post: FetchedPost, flags: readonly Row[], { names }: Wanted, began: number): boolean {
  if (!post.isWhole) return false;
  if (!names.includes('flags') || post.flagLogs === null) return true;
  const listed = new Set(post.flagLogs.map(({ id }) => String(id)));
  return flags.every(({ id, isDestroyed, firstAt }) => isDestroyed || listed.has(id) || firstAt < began - SETTLED_MS);
}
