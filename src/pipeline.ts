import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Clock, sleep } from './clock.ts';
import type { Log } from './log.ts';
import type { Catalogue } from './metasmoke/catalogue.ts';
import { decode } from './metasmoke/decode.ts';
import type { Identity } from './metasmoke/identity.ts';
import { storeBackoffMs } from './outbox/backoff.ts';
import { storeKnown } from './outbox/details/store-known.ts';
import { type CatchUp, enqueue, enqueueDeliveries, type NewDelivery, type NewEvent } from './outbox/enqueue.ts';
import type { Safeguards } from './outbox/safeguards.ts';
import type { EventSpec } from './router/event-spec.ts';
import { priorityOf } from './router/priority.ts';
import type { Router } from './router/router.ts';
import { logFailure } from './store/log-failure.ts';
import { storedEvent } from './store/stored-event.ts';
import type { Database, Trx } from './store/tables.ts';
import { conclusionsOf } from './subjects/conclude.ts';
import type { Derived } from './subjects/derive.ts';
import type { Event, Origin } from './words.ts';

/** How many events one transaction takes at most. */
const BATCH = 200;
/** How many events may wait in memory while the store cannot be written; what comes beyond is lost, and said. */
const MOST_WAITING = 50_000;
/** How often it is looked whether the operator wants a failed event tried again, in milliseconds. */
const RETRY_LOOK_MS = 2_000;

export interface PipelineOptions {
  readonly db: Database;
  readonly source: string;
  readonly catalogue: Catalogue;
  readonly router: Router;
  /** What goes first to a room that is behind. */
  readonly priority: readonly EventSpec[];
  /** Below so many requests that are left a detector's API quota is low. */
  readonly quotaBelow: number;
  /** The highest id of a post seen before the start. */
  readonly newestPost: number;
  readonly roomId: (address: string) => number | undefined;
  /** Told after the commit which rooms have something new. */
  readonly wake: (roomIds: Iterable<number>) => void;
  /** Told of each event that was received, after the commit. */
  readonly onReceived?: (event: Event) => void;
  /** Whether there is an API that can be asked about posts. */
  readonly hasApi?: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly safeguards: Safeguards;
}

/** What came in since the start. */
export interface PipelineCounts {
  readonly received: number;
  /** Of those, how many were fetched and had not been heard. */
  readonly backfilled: number;
  readonly duplicate: number;
  readonly malformed: number;
  readonly failed: number;
  readonly lost: number;
}

/** The way of an event: decode, drop if already seen, find the subscriptions that match, write it with its deliveries. */
export interface Pipeline {
  readonly counts: PipelineCounts;
  /** Takes one message of the source, or one made of a fetched row. It is received once `idle` resolves. Never throws. */
  receive(message: unknown, origin?: Origin, catchUp?: CatchUp | null): void;
  /** Takes an event that was concluded from the time. Never throws. */
  conclude(derived: Derived): void;
  /** Resolves when all that was taken is committed. */
  idle(): Promise<void>;
  start(): void;
  /** Commits what was taken, for at most as long as the signal lets it. */
  stop(now: AbortSignal): Promise<void>;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { db, clock, log, router, safeguards } = options;
  const counts = { received: 0, backfilled: 0, duplicate: 0, malformed: 0, failed: 0, lost: 0 };
  const stopping = new AbortController();
  const waiting: NewEvent[] = [];
  const startedAt = clock.now();
  const startedMonotonic = clock.monotonic();
  let newestPost = options.newestPost;
  let draining: Promise<void> | null = null;
  let looking: Promise<void> | null = null;
  let giveUp: AbortSignal | undefined;

  function receive(message: unknown, origin: Origin = 'live', catchUp: CatchUp | null = null): void {
    const prepared = prepare(message, origin, catchUp);
    if (prepared !== null) take(prepared);
  }

  function take(prepared: NewEvent): void {
    if (waiting.length >= MOST_WAITING) {
      if (counts.lost++ % 1_000 === 0)
        log.error(
          { lost: counts.lost },
          'the store cannot be written and too much waits in memory: events are being lost',
        );
      return;
    }
    waiting.push(prepared);
    draining ??= drain();
  }

  function prepare(message: unknown, origin: Origin, catchUp: CatchUp | null): NewEvent | null {
    let event: Event;
    try {
      const decoded = decode(message, {
        source: options.source,
        receivedAt: clock.now(),
        origin,
        catalogue: options.catalogue,
      });
      if (decoded.outcome === 'legacy') return null;
      if (decoded.outcome === 'malformed') {
        if (counts.malformed++ % 1_000 === 0)
          log.warn(
            { reason: decoded.reason, malformed: counts.malformed },
            `a message of the source is no event: ${decoded.reason}`,
          );
        return null;
      }
      event = decoded.event;
    } catch (err) {
      counts.failed++;
      log.error({ err }, 'a message of the source could not be decoded, and is not kept');
      return null;
    }
    return route(event, safeguards.identify(event), catchUp);
  }

  function route(event: Event, identity: Identity, catchUp: CatchUp | null): NewEvent {
    const priority = priorityOf(event, options.priority);
    // Commands change what is asked for.
    const asksForPosts = router.union.get('posts')?.has('create') ?? false;
    const awaitPostUntil = safeguards.awaitPostUntil(event, asksForPosts, newestPost);
    if (event.model === 'posts' && event.type === 'create') newestPost = Math.max(newestPost, Number(event.rowId) || 0);
    const askable: Pick<NewEvent, 'askable'> = options.hasApi
      ? { askable: asksForPosts ? 'details and posts' : 'details' }
      : {};
    const heard = { at: startedAt + Math.round(clock.monotonic() - startedMonotonic), startedAt };
    const item = { event, identity, heard, awaitPostUntil, priority, catchUp, ...askable };
    try {
      return { ...item, deliveries: deliveriesOf(event), failure: null };
    } catch (err) {
      counts.failed++;
      const reason = err instanceof Error ? err.message : String(err);
      log.error(
        { subject: event.subject, model: event.model, err },
        `${event.model}#${event.type} ${event.subject} failed; it is kept, \`lookout outbox\` lists it`,
      );
      return { ...item, deliveries: [], failure: reason };
    }
  }

  function deliveriesOf(event: Event): NewDelivery[] {
    const byRoom = new Map<number, NewDelivery>();
    for (const { room, subscription, conditionFailed } of router.route(event)) {
      const roomId = options.roomId(room);
      if (roomId === undefined) throw new Error(`no such room: ${room}`);
      if (conditionFailed !== null)
        log.warn(
          { subscription: subscription.id, subject: event.subject, reason: conditionFailed },
          `the condition of subscription ${subscription.id} failed on ${event.subject} and counts as matched: ${conditionFailed}`,
        );
      if (byRoom.has(roomId)) continue;
      const { id, template, options: chosen } = subscription;
      byRoom.set(roomId, { roomId, subscription: id, template, options: chosen });
    }
    return [...byRoom.values()];
  }

  async function drain(): Promise<void> {
    await null; // What arrives in the same turn shares a transaction.
    for (let failures = 0; waiting.length > 0; ) {
      const batch = waiting.slice(0, BATCH);
      try {
        await commit(batch);
        waiting.splice(0, batch.length);
        failures = 0;
        // SQLite works without ever waiting: in a flood nobody else (the rooms above all) would have a turn.
        if (waiting.length > 0) await setImmediate();
      } catch (err) {
        failures++;
        const waitMs = storeBackoffMs(failures);
        logFailure(
          log,
          err,
          { waiting: waiting.length },
          `events cannot be written to the store; next try in ${waitMs / 1000} s, they are kept in memory`,
        );
        await sleep(clock, waitMs, giveUp ?? stopping.signal);
        if (giveUp?.aborted) {
          log.error(
            { lost: waiting.length },
            `${waiting.length} events could not be written before the stop and are lost`,
          );
          break;
        }
      }
    }
    draining = null; // In the same breath as the last look at what waits, so that nothing can slip in between.
  }

  async function commit(batch: readonly NewEvent[]): Promise<void> {
    const woken = new Set<number>();
    const fresh: Event[] = [];
    const concluded: Event[] = [];
    await db.transaction().execute(async (trx) => {
      for (const item of batch) {
        const written = await enqueue(trx, item);
        if (written === null) {
          for (const room of await refresh(trx, item.event)) woken.add(room);
          continue;
        }
        fresh.push(item.event);
        for (const room of written.rooms) woken.add(room);
        for (const derived of await concludedFrom(trx, item, written.id)) {
          const rooms = (await enqueue(trx, derived))?.rooms;
          if (rooms === undefined) continue;
          concluded.push(derived.event);
          for (const room of rooms) woken.add(room);
        }
      }
    });
    counts.received += fresh.filter(({ origin }) => origin !== 'derived').length;
    counts.backfilled += fresh.filter(({ origin }) => origin === 'backfilled').length;
    counts.duplicate += batch.length - fresh.length;
    options.wake(woken);
    if (options.onReceived !== undefined) [...fresh, ...concluded].forEach(options.onReceived);
  }

  /** What follows from an event, to be written directly behind it. */
  async function concludedFrom(trx: Trx, item: NewEvent, id: number): Promise<readonly NewEvent[]> {
    const { event, identity, awaitPostUntil, catchUp } = item;
    const conclude = await conclusionsOf(trx, { event, key: identity.key }, router, options);
    let derived: readonly Derived[] = [];
    try {
      derived = conclude();
    } catch (err) {
      counts.failed++;
      log.error(
        { subject: event.subject, model: event.model, err },
        `what follows from ${event.model}#${event.type} ${event.subject} could not be concluded, and is not told`,
      );
    }
    // It waits for the post as long as its trigger does, and is told of in the same digest.
    return derived.map((one) => ({
      ...route(one.event, one.identity, catchUp),
      awaitPostUntil,
      trigger: { id, event },
    }));
  }

  /** A fetched row stands for its create; where that is known it refreshes what we know. Gives the rooms that show it. */
  async function refresh(trx: Trx, event: Event): Promise<readonly number[]> {
    const isFetched = event.origin === 'backfilled' && event.type === 'create';
    return isFetched ? storeKnown(trx, [event], event.receivedAt) : [];
  }

  async function lookForRetries(): Promise<void> {
    for (; !stopping.signal.aborted; await sleep(clock, RETRY_LOOK_MS, stopping.signal)) {
      try {
        await retryFailed();
      } catch (err) {
        logFailure(log, err, {}, 'failed events could not be tried again; next try in 2 s');
      }
    }
  }

  async function retryFailed(): Promise<void> {
    const rows = await db
      .selectFrom('events')
      .selectAll()
      .where('state', '<>', sql.lit('routed'))
      .where('state', '=', 'retry')
      .orderBy('id')
      .limit(BATCH)
      .execute();
    for (const row of rows) {
      const event = storedEvent(row);
      const item = route(event, safeguards.identify(event), null);
      await db.transaction().execute(async (trx) => {
        const outcome = {
          state: item.failure === null ? ('routed' as const) : ('failed' as const),
          failure: item.failure,
        };
        await trx.updateTable('events').set(outcome).where('id', '=', row.id).execute();
        await enqueueDeliveries(trx, row.id, item);
      });
      options.wake(item.deliveries.map((delivery) => delivery.roomId));
    }
  }

  return {
    counts,
    receive,
    conclude: ({ event, identity }) => take(route(event, identity, null)),
    idle: () => draining ?? Promise.resolve(),
    start() {
      looking ??= lookForRetries();
    },
    async stop(now) {
      giveUp = now;
      stopping.abort();
      await draining;
      await looking;
    },
  };
}
