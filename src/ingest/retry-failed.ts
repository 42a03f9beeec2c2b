import { sql } from 'kysely';
import type { Log } from '../log.ts';
import { logFailure } from '../store/log-failure.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Database, Trx } from '../store/tables.ts';
import { troubleOf } from '../store/trouble.ts';
import { noteLinks } from '../subject-rows/twins.ts';
import { type Clock, sleep } from '../time/clock.ts';
import type { Event } from '../words.ts';
import { deliveriesOf } from './decide-deliveries.ts';
import type { NewEvent } from './new-event.ts';
import { enqueue, enqueueDeliveries } from './store-event.ts';

/** Interval at which failed events that the operator wants to retry are looked up, ms. */
const LOOK_EVERY_MS = 2_000;
/** Most events that are retried at once. */
const BATCH = 100;

export interface RetryFailedOptions {
  readonly db: Database;
  readonly route: (event: Event) => NewEvent;
  readonly derivedFrom: (trx: Trx, item: NewEvent, id: number) => Promise<readonly NewEvent[]>;
  /** Called after the commit with the rooms that have something new. */
  readonly wake: (roomIds: Iterable<number>) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Retries failed events that the operator named, until `signal` is aborted. One that fails again waits for the operator again. */
export async function retryFailed(options: RetryFailedOptions, signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await sleep(options.clock, LOOK_EVERY_MS, signal)) {
    try {
      await retryAll(options);
    } catch (err) {
      logFailure(options.log, err, {}, 'could not retry failed events; retrying in 2 s');
    }
  }
}

async function retryAll(options: RetryFailedOptions): Promise<void> {
  const rows = await options.db
    .selectFrom('events')
    .selectAll()
    .where('state', '<>', sql.lit('routed'))
    .where('state', '=', 'retry')
    .orderBy('id')
    .limit(BATCH)
    .execute();
  for (const row of rows) {
    try {
      await retryOne(row.id, () => storedEvent(row), options);
    } catch (err) {
      if (troubleOf(err) !== null) throw err;
      await fail(options, row.id, err);
    }
  }
}

async function retryOne(id: number, read: () => Event, options: RetryFailedOptions): Promise<void> {
  const item = options.route(read());
  if (item.failure !== null) return fail(options, id, new Error(item.failure));
  const rooms = new Set<number>();
  await options.db.transaction().execute(async (trx) => {
    await trx.updateTable('events').set({ state: 'routed', failure: null }).where('id', '=', id).execute();
    await noteLinks(trx, [item.event]);
    const deliveries = await deliveriesOf(trx, item);
    for (const { roomId } of deliveries) rooms.add(roomId);
    const { released } = await enqueueDeliveries(trx, id, { ...item, deliveries });
    for (const room of released) rooms.add(room);
    for (const derived of await options.derivedFrom(trx, item, id))
      for (const room of (await enqueue(trx, derived))?.rooms ?? []) rooms.add(room);
  });
  options.wake(rooms);
}

async function fail({ db, log }: RetryFailedOptions, id: number, err: unknown): Promise<void> {
  const failure = err instanceof Error ? err.message : String(err);
  log.error({ event: id, err }, `event e${id} failed again; \`lookout outbox\` lists it`);
  await db.updateTable('events').set({ state: 'failed', failure }).where('id', '=', id).execute();
}
