import { sql } from 'kysely';
import { lastTold } from '../../ingest/conclude.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Log } from '../../log.ts';
import { silentAfterSeconds } from '../../metasmoke/derived.ts';
import type { Router } from '../../router/router.ts';
import { logFailure } from '../../store/log-failure.ts';
import { storedEvent } from '../../store/stored-event.ts';
import type { Database } from '../../store/tables.ts';
import { readState } from '../../subject-rows/known-post.ts';
import { withoutTexts } from '../../subject-rows/read-events.ts';
import { type Detector, lingering, silence, sourceBack, sourceLost } from '../../subjects/derive.ts';
import { isFalsePositive } from '../../subjects/post-state.ts';
import { timeOf } from '../../text/json.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { Event } from '../../words.ts';
import type { Lost } from '../source/outage-watch.ts';
import type { SourceState } from '../source/state.ts';

/** How often it is looked whether something is due, in milliseconds. */
const LOOK_MS = 5_000;
/** What is due longer ago than this is not told any more, in milliseconds: it would be old news. */
const LATE_MS = 3_600_000;
/** After the source was heard again what was missed is fetched: so long nothing is said of posts, in milliseconds. */
const FETCHING_MS = 60_000;
/** A fetched post comes before its deletion: so long after it nothing is said of it, in milliseconds. */
const FETCHED_MS = 30_000;
/** A detector that nothing was heard of for so long before the start is not looked at, in milliseconds. */
const FORGOTTEN_MS = 24 * 3_600_000;

/** So many reports are read in one turn of the event loop. */
const READ_AT_ONCE = 500;

export interface ByTimeOptions {
  readonly db: Database;
  readonly source: string;
  readonly lingeringAfterMs: number;
  /** Whether what was missed is fetched. */
  readonly fetches: boolean;
  readonly router: Pick<Router, 'names'>;
  readonly pipeline: Pick<Pipeline, 'conclude' | 'idle'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Concludes what only time tells: a post that lingers, a detector that is silent, a source that is lost and back. */
export interface ByTime {
  /** Told of each event after it was written. */
  received(event: Event): void;
  became(state: SourceState): void;
  lost(lost: Lost): void;
  heard(): void;
  /** Reads from the store what happened before the start, and begins to look. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createByTime(options: ByTimeOptions): ByTime {
  const { db, source, router, pipeline, clock, log } = options;
  const stopping = new AbortController();
  /** When it is to be seen whether a post still stands, Unix milliseconds, by subject. */
  const due = new Map<string, number>();
  const detectors = new Map<string, Detector>();
  /** The ping after which a detector's silence was told, by subject. */
  const silentSince = new Map<string, unknown>();
  /** By the monotonic clock; null: it does not hold now. */
  let subscribedAt: number | null = null;
  let pingsWantedAt: number | null = null;
  /** The source is heard, and it was not seen yet whether that is news. */
  let isHeard = false;
  let looking: Promise<void> = Promise.resolve();
  let saying: Promise<void> = Promise.resolve();

  function received(event: Event): void {
    if (event.origin === 'derived' || event.source !== source) return;
    if (event.model === 'posts' && event.type === 'create') note(event);
    if (event.model === 'smoke_detectors') notePing(event);
  }

  function note({ subject, object, receivedAt, origin }: Event): void {
    const at = (timeOf(object.created_at) ?? receivedAt) + options.lingeringAfterMs;
    const earliest = origin === 'backfilled' ? receivedAt + FETCHED_MS : receivedAt;
    if (at >= clock.now() - LATE_MS) due.set(subject, Math.max(at, earliest));
  }

  function notePing({ subject, rowId, type, object }: Event): void {
    if (type === 'destroy' || rowId === null) detectors.delete(subject);
    else detectors.set(subject, { source, subject, rowId, row: { ...detectors.get(subject)?.row, ...object } });
  }

  async function look(): Promise<void> {
    const now = clock.now();
    const subscribedMs = subscribedAt === null ? 0 : clock.monotonic() - subscribedAt;
    const wantsPings = router.names('smoke_detectors', 'silent') || router.names('smoke_detectors', 'back');
    pingsWantedAt = wantsPings ? (pingsWantedAt ?? clock.monotonic()) : null;
    const heardMs = pingsWantedAt === null ? 0 : Math.min(subscribedMs, clock.monotonic() - pingsWantedAt);
    if (heardMs > silentAfterSeconds * 1_000) for (const detector of detectors.values()) lookAtDetector(detector, now);
    if (isHeard) await sayBack();
    if (subscribedAt === null || subscribedMs < (options.fetches ? FETCHING_MS : 0)) return;
    for (const [subject, at] of due) {
      if (at > now) continue;
      if (router.names('posts', 'lingering') && now - at <= LATE_MS) await lookAtPost(subject, now);
      due.delete(subject);
    }
  }

  function lookAtDetector(detector: Detector, now: number): void {
    const found = silence(detector, now);
    const lastPing = detector.row.last_ping;
    if (found === null || silentSince.get(detector.subject) === lastPing) return;
    silentSince.set(detector.subject, lastPing);
    pipeline.conclude(found);
  }

  async function lookAtPost(subject: string, now: number): Promise<void> {
    const state = await readState(db, subject);
    if ((await isLingering(subject)) || state.fate !== 'stands' || isFalsePositive(state)) return;
    pipeline.conclude(lingering(source, subject, state, now));
  }

  /** True if an event has already said that a post lingers. */
  async function isLingering(subject: string): Promise<boolean> {
    const row = await db
      .selectFrom('events')
      .select('id')
      .where('subject', '=', subject)
      .where('origin', '=', sql.lit('derived'))
      .where('type', '=', 'lingering')
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  async function keepLooking(): Promise<void> {
    for (; !stopping.signal.aborted; await sleep(clock, LOOK_MS, stopping.signal)) {
      try {
        await look();
      } catch (err) {
        logFailure(log, err, {}, 'it could not be seen what time has come for; next try in 5 s');
      }
    }
  }

  async function read(): Promise<void> {
    const now = clock.now();
    await readPosts(now - options.lingeringAfterMs - LATE_MS);
    const newest = db
      .selectFrom('events')
      .select((s) => s.fn.max('id').as('id'))
      .where('received_at', '>', now - FORGOTTEN_MS)
      .where('model', '=', 'smoke_detectors')
      .where('origin', '<>', 'derived')
      .groupBy('row_id');
    const pings = await db.selectFrom('events').selectAll().where('id', 'in', newest).execute();
    for (const row of pings) received(storedEvent(row));
  }

  /** Notes the reports that came after an instant, Unix milliseconds, some at a time: after a flood there are many. */
  async function readPosts(since: number): Promise<void> {
    const first = await db
      .selectFrom('events')
      .select((s) => s.fn.min<number | null>('id').as('id'))
      .where('received_at', '>', since)
      .executeTakeFirst();
    for (let after = first?.id == null ? undefined : first.id - 1; after !== undefined; ) {
      const rows = await db
        .selectFrom('events')
        .select(['id', 'source', 'model', 'class', 'row_id', 'type', 'subject', 'updated_at', 'received_at', 'origin'])
        .select(withoutTexts.as('object'))
        .where('id', '>', after)
        .where('received_at', '>', since)
        .where('model', '=', 'posts')
        .where('type', '=', 'create')
        .orderBy('id')
        .limit(READ_AT_ONCE)
        .execute();
      for (const row of rows) received(storedEvent(row));
      after = rows.length < READ_AT_ONCE ? undefined : rows.at(-1)?.id;
      await clock.turn();
    }
  }

  const isAsked = () => router.names('source', 'lost') || router.names('source', 'back');

  /** After a loss that was told, also by a process before this one. */
  async function sayBack(): Promise<void> {
    await pipeline.idle();
    const last = await lastTold(db, `source:${source}`);
    isHeard = false;
    if (last?.type !== 'lost') return;
    const { since, reason } = last.object;
    pipeline.conclude(
      sourceBack({ name: source, reason: String(reason), since: Date.parse(String(since)) }, clock.now()),
    );
  }

  return {
    received,
    became({ state }) {
      subscribedAt = state === 'subscribed' ? (subscribedAt ?? clock.monotonic()) : null;
    },
    lost(lost) {
      if (isAsked()) pipeline.conclude(sourceLost({ name: source, ...lost }, clock.now()));
    },
    heard() {
      if (!isAsked()) return;
      isHeard = true;
      saying = saying
        .then(sayBack)
        .catch((err: unknown) =>
          logFailure(log, err, {}, 'it could not be told that the source is back; next try in 5 s'),
        );
    },
    async start() {
      await read();
      looking = keepLooking();
    },
    async stop() {
      stopping.abort();
      await looking;
      await saying;
    },
  };
}
