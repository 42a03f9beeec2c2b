import { eventTag, type Log } from '../log.ts';
import type { EventCache } from '../store/event-cache.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import type { Derived } from '../subjects/derive.ts';
import { counted } from '../text/counted.ts';
import { storeBackoffMs } from '../time/backoff.ts';
import { type Clock, sleep } from '../time/clock.ts';
import type { Event, Origin } from '../words.ts';
import { commitBatch } from './commit-batch.ts';
import { createDeriveEvents, type DeriveEvents } from './derive-events.ts';
import type { KnownNames } from './details/known-names.ts';
import type { CatchUp, NewEvent } from './new-event.ts';
import { type Arrival, createPrepare, type Prepare, type PrepareOptions } from './prepare.ts';
import type { Dropped, IngestQueue } from './queue.ts';
import { retryFailed } from './retry-failed.ts';
import type { StoredBatch } from './store-batch.ts';

export interface PipelineOptions extends Omit<PrepareOptions, 'onConditionFailed'> {
  readonly db: Database;
  readonly events: EventCache;
  readonly names: KnownNames;
  /** Returns the number of remaining requests below which a detector's API quota is low. */
  readonly quotaBelow: () => number;
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
  /** Number of those that were fetched and had not come live. */
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
  /** Resolves when everything that was taken is committed. */
  idle(): Promise<void>;
  start(): void;
  /** Commits everything that was taken, until `now` is aborted. */
  stop(now: AbortSignal): Promise<void>;
}

/** Most events of one transaction, most deliveries of them, and longest time to route them, ms: nothing else runs meanwhile. */
const BATCH = { events: 64, deliveries: 500, ms: 10 };

/** Makes the way in: a bounded queue in memory, written in batches between which everything else has its turn. */
export function createPipeline(options: PipelineOptions): Pipeline {
  return new EventPipeline(options);
}

class EventPipeline implements Pipeline {
  readonly counts = {
    received: 0,
    backfilled: 0,
    duplicate: 0,
    malformed: 0,
    failed: 0,
    conditionsFailed: 0,
    lost: 0,
  };
  readonly #options: PipelineOptions;
  readonly #stopping = new AbortController();
  readonly #committed: ((events: readonly Event[]) => void)[] = [];
  readonly #pressure: ((isFull: boolean) => void)[] = [];
  readonly #drops: ((dropped: Dropped) => void)[] = [];
  readonly #prepare: Prepare;
  readonly #derive: DeriveEvents;
  #draining: Promise<void> | null = null;
  #looking: Promise<void> | null = null;
  /** Ends the stop; undefined before the stop. */
  #giveUp: AbortSignal | undefined;

  constructor(options: PipelineOptions) {
    const { counts } = this;
    this.#options = options;
    this.#prepare = createPrepare({ ...options, onConditionFailed: () => void counts.conditionsFailed++ });
    this.#derive = createDeriveEvents({ ...options, prepare: this.#prepare, onFailed: this.#onFailed });
  }

  receive(message: unknown, origin: Origin = 'live', catchUp: CatchUp | null = null): void {
    const read = this.#prepare.read(message, origin, catchUp);
    if (read.outcome === 'event') this.#take(read.arrival);
    if (read.outcome !== 'malformed') return;
    const { reason } = read;
    if (this.counts.malformed++ % 1_000 === 0)
      this.#options.log.warn(
        { reason, malformed: this.counts.malformed },
        `a message of the source is not an event: ${reason}`,
      );
  }

  conclude({ event, identity }: Derived): void {
    const receivedAt = this.#options.clock.now();
    this.#take({ event: { ...event, receivedAt }, identity, catchUp: null, error: null });
  }

  onCommitted(listener: (events: readonly Event[]) => void): void {
    this.#committed.push(listener);
  }

  onPressure(listener: (isFull: boolean) => void): void {
    this.#pressure.push(listener);
  }

  onDropped(listener: (dropped: Dropped) => void): void {
    this.#drops.push(listener);
  }

  idle(): Promise<void> {
    return this.#draining ?? Promise.resolve();
  }

  start(): void {
    const { derivedFrom } = this.#derive;
    const route = (event: Event) => this.#prepare.route({ event, identity: null, catchUp: null, error: null });
    this.#looking ??= retryFailed({ ...this.#options, route, derivedFrom }, this.#stopping.signal);
  }

  async stop(now: AbortSignal): Promise<void> {
    this.#giveUp = now;
    this.#stopping.abort();
    await this.#draining;
    await this.#looking;
  }

  readonly #onFailed = () => void this.counts.failed++;

  #take(arrival: Arrival): void {
    const { queue, log } = this.#options;
    const wasFull = queue.isFull;
    if (!queue.push(arrival) && this.counts.lost++ % 1_000 === 0)
      log.error({ lost: this.counts.lost }, 'too many events wait in memory to be written: events are dropped');
    if (queue.isFull && !wasFull) for (const listener of this.#pressure) listener(true);
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    const { db, queue, clock, log } = this.#options;
    await clock.turn(); // Events that arrive in the same turn share a transaction.
    let routed: readonly NewEvent[] = [];
    for (let failures = 0; queue.length > 0; ) {
      if (routed.length === 0) routed = this.#routeSome();
      try {
        const parts = { ...this.#derive, db, clock, log, onFailed: this.#onFailed };
        for await (const part of commitBatch(routed, parts)) {
          routed = routed.slice(part.taken);
          this.#shift(part.taken);
          this.#received(part);
        }
        failures = 0;
        // In a flood everything else (the rooms above all) has its turn.
        if (queue.length > 0) await clock.turn();
      } catch (err) {
        failures++;
        if (await this.#hasGivenUp(err, failures)) break;
      }
    }
    // No await since the last look at the queue, so that no event slips in between.
    this.#draining = null;
  }

  /** Routes the first events that wait: as many as one transaction takes, or as many as can be done in a moment. */
  #routeSome(): readonly NewEvent[] {
    const { queue, clock } = this.#options;
    const began = clock.monotonic();
    const routed: NewEvent[] = [];
    let deliveries = 0;
    for (let next = queue.at(0); next !== undefined; next = queue.at(routed.length)) {
      const item = this.#prepare.route(next);
      if (item.failure !== null) this.counts.failed++;
      routed.push(item);
      deliveries += item.deliveries.length;
      if (routed.length >= BATCH.events || deliveries >= BATCH.deliveries) break;
      const tookMs = clock.monotonic() - began;
      // The source may send a create right behind its update: what came in one millisecond is stored together, and put in order.
      const isTorn = queue.at(routed.length)?.event.receivedAt === next.event.receivedAt;
      if (tookMs >= (isTorn ? 2 : 1) * BATCH.ms) break;
    }
    return routed;
  }

  #shift(count: number): void {
    const { queue } = this.#options;
    const wasFull = queue.isFull;
    queue.shift(count);
    if (wasFull && !queue.isFull) for (const listener of this.#pressure) listener(false);
    const dropped = queue.takeDropped();
    if (dropped !== null) for (const listener of this.#drops) listener(dropped);
  }

  /** Waits before the next attempt to write. Returns true if there is none, since the stop does not wait. */
  async #hasGivenUp(err: unknown, failures: number): Promise<boolean> {
    const { queue, clock, log } = this.#options;
    const waitMs = storeBackoffMs(failures);
    const text = `could not write events to the store; retrying in ${waitMs / 1000} s, they are kept in memory`;
    logFailure(log, err, { waiting: queue.length }, text);
    await sleep(clock, waitMs, this.#giveUp ?? this.#stopping.signal);
    if (this.#giveUp?.aborted !== true) return false;
    this.counts.lost += queue.length;
    log.warn(
      { unwritten: queue.length },
      `${counted(queue.length, 'event')} could not be written to the store before the stop: the API is asked for them at the next start`,
    );
    return true;
  }

  #logStored(id: number, { event, deliveries }: NewEvent): void {
    const { model, type, subject, origin, receivedAt } = event;
    const rooms = deliveries.map(({ roomId }) => roomId);
    this.#options.log.debug(
      { event: eventTag(id), subject, origin, receivedAt: new Date(receivedAt).toISOString(), rooms },
      `${eventTag(id)} received and stored: ${model}#${type} ${subject}`,
    );
  }

  #received({ stored, moved, rooms, duplicates }: StoredBatch): void {
    const { events, names, wake } = this.#options;
    events.forget(moved);
    for (const { id, item } of stored) {
      const { event } = item;
      if (item.names.told !== null) names.noteUser(item.names.told);
      if (event.origin !== 'derived') this.counts.received++;
      if (event.origin === 'backfilled') this.counts.backfilled++;
      if (item.deliveries.length > 0) events.put(id, event);
      this.#logStored(id, item);
    }
    this.counts.duplicate += duplicates;
    wake(rooms);
    const newEvents = stored.map(({ item }) => item.event);
    for (const listener of this.#committed) listener(newEvents);
  }
}
