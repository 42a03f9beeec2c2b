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
import type { Outage } from '../source/outage-watch.ts';
import type { SourceState } from '../source/state.ts';

/** Interval between two checks for due events, ms. */
const LOOK_MS = 5_000;
/** Age above which a due event is not sent any more, ms, because it is no longer news. */
const LATE_MS = 3_600_000;
/** Delay after a reconnection before events about posts are derived, ms: missed events are being fetched. */
const FETCHING_MS = 60_000;
/** Delay after a post was fetched before events about it are derived, ms: its deletion may be fetched after it. */
const FETCHED_MS = 30_000;
/** Age of a detector's last event before the start above which the detector is ignored, ms. */
const FORGOTTEN_MS = 24 * 3_600_000;

/** Number of reports read in one turn of the event loop. */
const READ_AT_ONCE = 500;

export interface TimedEventsOptions {
  readonly db: Database;
  readonly source: string;
  readonly lingeringAfterMs: number;
  /** True if missed events are fetched. */
  readonly fetches: boolean;
  readonly router: Pick<Router, 'names'>;
  readonly pipeline: Pick<Pipeline, 'conclude' | 'idle'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Derives events from the time: a post that lingers, a detector that is silent, a source that is lost and back. */
export interface TimedEvents {
  /** Call this for each event after it was stored. */
  received(event: Event): void;
  became(state: SourceState): void;
  lost(lost: Outage): void;
  heard(): void;
  /** Reads the earlier events from the store, then starts the checks. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createTimedEvents(options: TimedEventsOptions): TimedEvents {
  const { db, source, router, pipeline, clock, log } = options;
  const stopping = new AbortController();
  /** Time at which to check that a post still stands, Unix milliseconds, by subject. */
  const due = new Map<string, number>();
  const detectors = new Map<string, Detector>();
  /** The last ping of a detector whose silence was reported, by subject. */
  const silentSince = new Map<string, unknown>();
  /** Time by the monotonic clock, ms; null: not at present. */
  let subscribedAt: number | null = null;
  let pingsWantedAt: number | null = null;
  /** The source is connected, and it was not checked yet if that must be reported. */
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

  /** Returns true if a stored event already says that the post lingers. */
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
        logFailure(log, err, {}, 'could not query due timed events; retrying in 5 s');
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

  /** Notes the reports since an instant (Unix milliseconds) in small batches, because there are many after a flood. */
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

  /** Reports that the source is back after a reported loss, even one reported by an earlier process. */
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
        .catch((err: unknown) => logFailure(log, err, {}, 'could not report that the source is back; retrying in 5 s'));
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
