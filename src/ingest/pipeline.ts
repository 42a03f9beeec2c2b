import type { Log } from '../log.ts';
import type { EventCache } from '../store/event-cache.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import type { Derived } from '../subjects/derive.ts';
import { storeBackoffMs } from '../time/backoff.ts';
import { type Clock, sleep } from '../time/clock.ts';
import type { Event, Origin } from '../words.ts';
import { commitBatch } from './commit-batch.ts';
import { createDeriveEvents } from './derive-events.ts';
import type { CatchUp, NewEvent } from './new-event.ts';
import { type Arrival, createPrepare, type PrepareOptions } from './prepare.ts';
import type { Dropped, IngestQueue } from './queue.ts';
import { retryFailed } from './retry-failed.ts';
import type { StoredBatch } from './store-batch.ts';

export interface PipelineOptions extends Omit<PrepareOptions, 'onConditionFailed'> {
  readonly db: Database;
  readonly events: EventCache;
  /** A detector's API quota is low below so many remaining requests. */
  readonly quotaBelow: number;
  /** Called after the commit with the rooms that have something new. */
  readonly wake: (roomIds: Iterable<number>) => void;
  /** The events that wait to be written. */
  readonly queue: IngestQueue;
  readonly clock: Clock;
  readonly log: Log;
}

/** Counts since the start. */
export interface PipelineCounts {
  readonly received: number;
  /** Of those, how many were fetched and had not come live. */
  readonly backfilled: number;
  readonly duplicate: number;
  readonly malformed: number;
  readonly failed: number;
  /** Conditions of subscriptions that could not be evaluated on an event, and count as matched. */
  readonly conditionsFailed: number;
  readonly lost: number;
}

/** The way of an event: decode, drop if already seen, find the subscriptions that match, write it with its deliveries. */
export interface Pipeline {
  readonly counts: PipelineCounts;
  /** Takes one message of the source, or one made of a fetched row. It is received once `idle` resolves. Never throws. */
  receive(message: unknown, origin?: Origin, catchUp?: CatchUp | null): void;
  /** Takes an event that was derived by the clock. Never throws. */
  conclude(derived: Derived): void;
  /** Calls `listener` with the events of each transaction from now on, after its commit. */
  onCommitted(listener: (events: readonly Event[]) => void): void;
  /** Calls `listener` when more events wait than can be written for now (true: the source is to be silent), and when half of them were written (false). */
  onPressure(listener: (isFull: boolean) => void): void;
  /** Calls `listener` when events came all the same and were dropped, as soon as there is room again. */
  onDropped(listener: (dropped: Dropped) => void): void;
  /** Resolves when all that was taken is committed. */
  idle(): Promise<void>;
  start(): void;
  /** Commits what was taken, for at most as long as the signal lets it. */
  stop(now: AbortSignal): Promise<void>;
}

/** One transaction takes so many events, and so many deliveries of them, and routing them takes so long: nothing else runs meanwhile. */
const BATCH = { events: 64, deliveries: 500, ms: 10 };

/** Makes the way in: a bounded queue in memory, written in batches that leave everything else its turns. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { db, queue, clock, log } = options;
  const counts = { received: 0, backfilled: 0, duplicate: 0, malformed: 0, failed: 0, conditionsFailed: 0, lost: 0 };
  const stopping = new AbortController();
  const committed: ((events: readonly Event[]) => void)[] = [];
  const pressure: ((isFull: boolean) => void)[] = [];
  const drops: ((dropped: Dropped) => void)[] = [];
  const prepare = createPrepare({ ...options, onConditionFailed: () => void counts.conditionsFailed++ });
  const onFailed = () => void counts.failed++;
  const derive = createDeriveEvents({ ...options, prepare, onFailed });
  let draining: Promise<void> | null = null;
  let looking: Promise<void> | null = null;
  let giveUp: AbortSignal | undefined;

  function take(arrival: Arrival): void {
    const wasFull = queue.isFull;
    if (!queue.push(arrival) && counts.lost++ % 1_000 === 0)
      log.error({ lost: counts.lost }, 'too many events wait in memory to be written: events are dropped');
    if (queue.isFull && !wasFull) for (const listener of pressure) listener(true);
    draining ??= drain();
  }

  async function drain(): Promise<void> {
    await clock.turn(); // Events that arrive in the same turn share a transaction.
    let routed: readonly NewEvent[] = [];
    for (let failures = 0; queue.length > 0; ) {
      if (routed.length === 0) routed = routeSome();
      try {
        for await (const part of commitBatch(routed, { ...derive, db, clock, log, onFailed })) {
          routed = routed.slice(part.taken);
          shift(part.taken);
          received(part);
        }
        failures = 0;
        // In a flood everything else (the rooms above all) has its turn.
        if (queue.length > 0) await clock.turn();
      } catch (err) {
        failures++;
        if (await hasGivenUp(err, failures)) break;
      }
    }
    draining = null; // In the same breath as the last look at the queue, so that nothing can slip in between.
  }

  /** Routes the first events that wait: as many as one transaction takes, or as many as can be done in a moment. */
  function routeSome(): readonly NewEvent[] {
    const began = clock.monotonic();
    const routed: NewEvent[] = [];
    let deliveries = 0;
    for (let next = queue.at(0); next !== undefined; next = queue.at(routed.length)) {
      const item = prepare.route(next);
      if (item.failure !== null) counts.failed++;
      routed.push(item);
      deliveries += item.deliveries.length;
      if (routed.length >= BATCH.events || deliveries >= BATCH.deliveries) break;
      if (clock.monotonic() - began >= BATCH.ms) break;
    }
    return routed;
  }

  function shift(count: number): void {
    const wasFull = queue.isFull;
    queue.shift(count);
    if (wasFull && !queue.isFull) for (const listener of pressure) listener(false);
    const dropped = queue.takeDropped();
    if (dropped !== null) for (const listener of drops) listener(dropped);
  }

  /** Waits before the next try to write. True if there is none, since the stop does not wait. */
  async function hasGivenUp(err: unknown, failures: number): Promise<boolean> {
    const waitMs = storeBackoffMs(failures);
    logFailure(
      log,
      err,
      { waiting: queue.length },
      `events cannot be written to the store; next try in ${waitMs / 1000} s, they are kept in memory`,
    );
    await sleep(clock, waitMs, giveUp ?? stopping.signal);
    if (giveUp?.aborted !== true) return false;
    counts.lost += queue.length;
    log.error({ lost: queue.length }, `${queue.length} events could not be written before the stop and are lost`);
    return true;
  }

  function received({ stored, rooms, duplicates }: StoredBatch): void {
    for (const { id, item } of stored) {
      const { event } = item;
      if (event.origin !== 'derived') counts.received++;
      if (event.origin === 'backfilled') counts.backfilled++;
      if (item.deliveries.length > 0) options.events.put(id, event);
    }
    counts.duplicate += duplicates;
    options.wake(rooms);
    const newEvents = stored.map(({ item }) => item.event);
    for (const listener of committed) listener(newEvents);
  }

  return {
    counts,
    receive(message, origin = 'live', catchUp = null) {
      const read = prepare.read(message, origin, catchUp);
      if (read.outcome === 'event') take(read.arrival);
      if (read.outcome !== 'malformed') return;
      if (counts.malformed++ % 1_000 === 0)
        log.warn(
          { reason: read.reason, malformed: counts.malformed },
          `a message of the source is not an event: ${read.reason}`,
        );
    },
    conclude: ({ event, identity }) => take({ event, identity, catchUp: null, error: null }),
    onCommitted: (listener) => void committed.push(listener),
    onPressure: (listener) => void pressure.push(listener),
    onDropped: (listener) => void drops.push(listener),
    idle: () => draining ?? Promise.resolve(),
    start() {
      const route = (event: Event) => prepare.route({ event, identity: null, catchUp: null, error: null });
      looking ??= retryFailed({ ...options, route, derivedFrom: derive.derivedFrom }, stopping.signal);
    },
    async stop(now) {
      giveUp = now;
      stopping.abort();
      await draining;
      await looking;
    },
  };
}
