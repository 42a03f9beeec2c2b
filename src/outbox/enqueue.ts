import { sql } from 'kysely';
import type { Identity } from '../metasmoke/identity.ts';
import type { Priority } from '../router/priority.ts';
import { readOptions } from '../router/subscription-options.ts';
import { eventRow } from '../store/stored-event.ts';
import type { Database, Trx } from '../store/tables.ts';
import { placeOf } from '../subjects/order.ts';
import type { Event, EventObject } from '../words.ts';
import { noteNews } from './cards/note-news.ts';
import { type Askable, wantOf } from './details/want-details.ts';
import { placeInQueue } from './place-in-queue.ts';
import { withReviewSubject } from './review-subject.ts';
import { reportedAlready } from './same-link.ts';

/** Why a delivery waits for its post: it goes as soon as the post is here. */
const AWAITS_POST = 'awaits post';

/** One event for one room, as the router decided it. */
export interface NewDelivery {
  readonly roomId: number;
  readonly subscription: string;
  readonly template: string | null;
  readonly options: EventObject;
}

/** A long gap, and until when at the latest what was missed in it waits for the rest. Unix milliseconds. */
export interface CatchUp {
  /** When the gap began; its name. */
  readonly from: number;
  readonly until: number;
}

/** When an event came, for those that are known for a while only (`forgetAfterMs`). Unix milliseconds, by a clock that nobody sets. */
export interface Heard {
  readonly at: number;
  /** When this process began: what an earlier one stored may bear times that are still to come, if the clock was set back since. */
  readonly startedAt: number;
}

/** An event with all that it leads to; written together or not at all. */
export interface NewEvent {
  readonly event: Event;
  readonly identity: Identity;
  /** Absent: as its `receivedAt` says. */
  readonly heard?: Heard;
  readonly deliveries: readonly NewDelivery[];
  /** Until when its deliveries wait for their post, Unix milliseconds; null: they go at once. */
  readonly awaitPostUntil: number | null;
  /** How soon it goes to a room that is behind. */
  readonly priority: Priority;
  /** The long gap that it was missed in; null: none. */
  readonly catchUp: CatchUp | null;
  /** What our own code threw on it; it then has no deliveries, and waits for the operator. */
  readonly failure: string | null;
  /** What metasmoke's API can be asked about it; absent: nothing. */
  readonly askable?: Askable;
  /** Of a derived event the stored one that it was concluded from: it stands directly behind it. */
  readonly trigger?: { readonly id: number; readonly event: Event };
}

/** An event that was written. */
export interface Enqueued {
  readonly id: number;
  /** The rooms that have something to do. */
  readonly rooms: readonly number[];
}

/**
 * Writes an event and its deliveries, and that messages which show its subject are to be drawn anew. Null for an event that is known already: then nothing is written.
 */
export async function enqueue(trx: Trx, given: NewEvent): Promise<Enqueued | null> {
  const event = await withReviewSubject(trx, given.event);
  const item = { ...given, event };
  const { identity } = item;
  const heard = item.heard ?? { at: event.receivedAt, startedAt: Number.NEGATIVE_INFINITY };
  await forgetOld(trx, identity, heard);
  const written = await trx
    .insertInto('events')
    .values({
      ...eventRow(event),
      identity: identity.key,
      forget_at: identity.forgetAfterMs === null ? null : heard.at + identity.forgetAfterMs,
      state: item.failure === null ? 'routed' : 'failed',
      failure: item.failure,
      trigger_id: item.trigger?.id ?? null,
    })
    .onConflict((c) => c.column('identity').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (written === undefined) return null;
  await enqueueDeliveries(trx, written.id, item);
  // What is derived adds nothing to what is known.
  const shownIn = event.origin === 'derived' ? [] : await noteNews(trx, event.subject, event.receivedAt);
  return { id: written.id, rooms: [...item.deliveries.map(({ roomId }) => roomId), ...shownIn] };
}

/** Lets an equal event be a new one after its time. */
async function forgetOld(trx: Trx, { key, forgetAfterMs }: Identity, { at, startedAt }: Heard): Promise<void> {
  if (forgetAfterMs === null) return;
  // A time further ahead than any is set was set before the clock was set back, nobody knows how long ago: it counts from the start.
  const believedFrom = at < startedAt + forgetAfterMs ? Number.MAX_SAFE_INTEGER : at + forgetAfterMs;
  await trx
    .updateTable('events')
    .set({ identity: null })
    .where('identity', '=', key)
    .where((e) => e.or([e('forget_at', '<=', at), e('forget_at', '>', believedFrom)]))
    .execute();
}

/** Writes the deliveries of an event that is stored already; one that the room has is left as it is. */
export async function enqueueDeliveries(
  trx: Trx,
  eventId: number,
  item: Omit<NewEvent, 'identity' | 'heard' | 'failure'>,
): Promise<void> {
  const { event, catchUp } = item;
  if (event.model === 'posts' && event.type === 'create') await releaseAwaiting(trx, event);
  if (item.askable !== undefined) await wantOf(trx, event, item.deliveries, item.askable);
  if (item.deliveries.length === 0) return;
  const placed = item.trigger?.event ?? event;
  const { at, rank } = placeOf(placed);
  const latest = at !== null && placed.updatedAt === null ? await latestTimeless(trx, item) : 0;
  const priority = await placeInQueue(trx, event.subject, item.priority);
  const rows = [];
  for (const delivery of item.deliveries) {
    const merged = await reportedAlready(trx, event, delivery);
    const { holdMs } = readOptions(delivery.options);
    const { waits, until } = firstWait(item, holdMs);
    rows.push({
      event_id: eventId,
      room_id: delivery.roomId,
      subject: event.subject,
      state: merged === null ? ('waiting' as const) : ('cancelled' as const),
      reason: merged ?? waits,
      subscription: delivery.subscription,
      template: delivery.template,
      options: JSON.stringify(delivery.options),
      due_at: until,
      order_at: at === null ? null : Math.max(at, latest),
      order_rank: rank,
      priority,
      alone: 0 as const,
      catch_up: catchUp?.from ?? null,
      mute: null,
      message_id: null,
      slot: null,
      attempts: 0,
      first_attempt_at: null,
      last_attempt_at: null,
      counted_ms: 0,
      settled_at: merged === null ? null : event.receivedAt,
    });
  }
  await trx
    .insertInto('deliveries')
    .values(rows)
    .onConflict((c) => c.columns(['event_id', 'room_id']).doNothing())
    .execute();
}

/** Why a delivery does not go at once, and until when at the latest it waits. */
function firstWait(
  { event, awaitPostUntil, catchUp }: Pick<NewEvent, 'event' | 'awaitPostUntil' | 'catchUp'>,
  holdMs: number | null,
): { readonly waits: string | null; readonly until: number } {
  if (holdMs !== null) return { waits: 'held', until: Math.max(event.receivedAt + holdMs, catchUp?.until ?? 0) };
  if (awaitPostUntil !== null) return { waits: AWAITS_POST, until: awaitPostUntil };
  if (catchUp !== null) return { waits: 'catching up', until: catchUp.until };
  return { waits: null, until: event.receivedAt };
}

/**
 * By when the last of what waits in a subject without a time of its own counts as arrived, Unix milliseconds; 0 where nothing does:
 * what comes after it stands behind it, also when the clock was set back in between.
 */
async function latestTimeless(
  trx: Trx,
  { event, deliveries }: Pick<NewEvent, 'event' | 'deliveries'>,
): Promise<number> {
  const rooms = deliveries.map(({ roomId }) => roomId);
  const row = await trx
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select((s) => s.fn.max<number | null>('d.order_at').as('latest'))
    .where('d.room_id', 'in', rooms)
    .where('d.subject', '=', event.subject)
    .where('d.state', '=', sql.lit('waiting'))
    .where('e.updated_at', 'is', null)
    .executeTakeFirst();
  return Number(row?.latest ?? 0);
}

async function releaseAwaiting(trx: Trx, post: Event): Promise<void> {
  await trx
    .updateTable('deliveries')
    .set({ due_at: post.receivedAt, reason: null })
    .where('subject', '=', post.subject)
    .where('reason', '=', sql.lit(AWAITS_POST))
    .execute();
}

/** The highest id of a post whose create is in the store; 0 before the first. */
export async function newestPost(trx: Pick<Trx, 'selectFrom'>): Promise<number> {
  const row = await trx
    .selectFrom('events')
    .select((s) => s.fn.max<number | null>(s.cast('row_id', 'integer')).as('newest'))
    .where('model', '=', 'posts')
    .where('type', '=', 'create')
    .executeTakeFirst();
  return Number(row?.newest ?? 0);
}

/**
 * The high-water mark of a model: the highest id that reached us before an instant, Unix milliseconds, also where its row
 * was let go since; where none did, one less than the lowest that ever did: what is older than all that we know was not
 * missed. Null where we know none.
 */
export async function newestBefore(
  trx: Pick<Trx, 'selectFrom'>,
  { source, model }: Pick<Event, 'source' | 'model'>,
  before: number,
): Promise<number | null> {
  const ids = trx
    .selectFrom('events')
    .where('source', '=', source)
    .where('model', '=', model)
    .where('origin', '<>', 'derived')
    .where('row_id', 'is not', null);
  const newest = await ids
    .select((s) => s.fn.max<number | null>(s.cast('row_id', 'integer')).as('id'))
    .where('received_at', '<', before)
    .executeTakeFirst();
  const mark = await trx
    .selectFrom('high_water_marks')
    .select('row_id')
    .where('source', '=', source)
    .where('model', '=', model)
    .executeTakeFirst();
  const known = [newest?.id, mark?.row_id].filter((id) => id != null).map(Number);
  if (known.length > 0) return Math.max(...known);
  const oldest = await ids
    .select((s) => s.fn.min<number | null>(s.cast('row_id', 'integer')).as('id'))
    .executeTakeFirst();
  return oldest?.id == null ? null : Number(oldest.id) - 1;
}

/**
 * When the last event of a source reached us, Unix milliseconds; null where none ever did. What bears a time after `now` was
 * written under a clock that has been set back since, and tells nothing; `ahead` where there is nothing else.
 */
export async function lastReceivedAt(
  trx: Pick<Trx, 'selectFrom'>,
  source: string,
  now: number,
): Promise<number | 'ahead' | null> {
  // What we concluded by ourselves proves nothing.
  const events = trx.selectFrom('events').where('source', '=', source).where('origin', '<>', 'derived');
  const row = await events
    .select((s) => s.fn.max<number | null>('received_at').as('last'))
    .where('received_at', '<=', now)
    // A row that was fetched for its details proves nothing about what the source told.
    .where((e) => e.or([e('origin', '<>', 'backfilled'), e('type', '<>', 'update')]))
    .executeTakeFirst();
  if (row?.last != null) return Number(row.last);
  return (await events.select('id').limit(1).executeTakeFirst()) === undefined ? null : 'ahead';
}

/** All of a long gap is here that the API has: what was missed in it goes out. Gives the rooms that have something of it. */
export async function endCatchUp(db: Database, from: number, now: number): Promise<number[]> {
  const rows = await db
    .updateTable('deliveries')
    .set({ due_at: now, reason: null })
    .where('catch_up', '=', from)
    .where('state', '=', sql.lit('waiting'))
    .returning('room_id')
    .execute();
  return [...new Set(rows.map((row) => row.room_id))];
}
