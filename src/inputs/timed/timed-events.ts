import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { PingReader } from '../../catalogue/source-api.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Log } from '../../log.ts';
import type { Router } from '../../router/router.ts';
import { logFailure } from '../../store/log-failure.ts';
import type { Database } from '../../store/tables.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { Event } from '../../words.ts';
import type { Details } from '../details/fetch-details.ts';
import type { Outage } from '../source/outage-watch.ts';
import type { SourceState } from '../source/state.ts';
import { createFetchedAutoflags } from './fetched-autoflags.ts';
import { createLingeringPosts } from './lingering-posts.ts';
import { createSilentDetectors } from './silent-detectors.ts';
import { createSourceOutages } from './source-outages.ts';
import { reportsSince } from './stored-reports.ts';

/** Interval between two checks for due events, ms. */
const LOOK_MS = 5_000;
/** Delay after a reconnection before events about posts are derived, ms: missed events are being fetched. */
const FETCHING_MS = 60_000;

export interface TimedEventsOptions {
  readonly db: Database;
  readonly source: string;
  readonly catalogue: Pick<Catalogue, 'ofRole'>;
  /** Returns the time after its report at which a post that still stands is lingering, ms. */
  readonly lingeringAfterMs: () => number;
  /** Asks the API for a post. */
  readonly check: Details['check'];
  /** Returns true if missed events are fetched. */
  readonly fetches: () => boolean;
  readonly router: Pick<Router, 'names'>;
  readonly pipeline: Pick<Pipeline, 'conclude' | 'idle'>;
  /** Returns the reader of the newest pings of detectors from the API; null: there is none. */
  readonly pings: () => PingReader | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Derives events from the time: a post that lingers, a fetched post that was autoflagged, a detector that is silent, a source that is lost and back. */
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
  const { db, source, clock, log } = options;
  const stopping = new AbortController();
  const posts = createLingeringPosts(options);
  const autoflags = createFetchedAutoflags(options);
  const detectors = createSilentDetectors(options);
  const outages = createSourceOutages(options);
  /** Time by the monotonic clock, ms; null: not at present. */
  let subscribedAt: number | null = null;
  let looking: Promise<void> = Promise.resolve();

  /** Passes the stored reports on to those that want them, in one reading. */
  async function readReports(): Promise<void> {
    const now = clock.now();
    const readers = [posts, autoflags];
    for await (const some of reportsSince(db, now - Math.max(...readers.map(({ readMs }) => readMs)))) {
      for (const event of some)
        for (const reader of readers) if (event.receivedAt > now - reader.readMs) reader.received(event);
      await clock.turn();
    }
  }

  async function look(): Promise<void> {
    const subscribedMs = subscribedAt === null ? 0 : clock.monotonic() - subscribedAt;
    detectors.look(subscribedMs);
    await outages.look();
    await autoflags.look();
    if (subscribedAt !== null && subscribedMs >= (options.fetches() ? FETCHING_MS : 0)) await posts.look();
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

  return {
    received(event) {
      if (event.origin === 'derived' || event.source !== source) return;
      posts.received(event);
      autoflags.received(event);
      detectors.received(event);
    },
    became({ state }) {
      subscribedAt = state === 'subscribed' ? (subscribedAt ?? clock.monotonic()) : null;
    },
    lost: outages.lost,
    heard: outages.heard,
    async start() {
      await readReports();
      await detectors.read();
      looking = keepLooking();
    },
    async stop() {
      stopping.abort();
      await looking;
      await detectors.stop();
      await outages.stop();
    },
  };
}
