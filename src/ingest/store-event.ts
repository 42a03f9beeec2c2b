import { sql } from 'kysely';
import { noteNews } from '../outbox/rows/note-news.ts';
import { statement } from '../store/statement.ts';
import type { Database, Trx } from '../store/tables.ts';
import { noteLinks } from '../subject-rows/twins.ts';
import { placeOf } from '../subjects/order.ts';
import type { Event } from '../words.ts';
import { AWAITS_NAME, hasName, isNamelessVote, releaseNamed } from './await-name.ts';
import { deliveriesOf } from './decide-deliveries.ts';
import { storeUserName } from './details/known-names.ts';
import { hasDetails, wantOf } from './details/want-details.ts';
import { reportedAlready } from './duplicate-report.ts';
import { type DeliveryRow, deliveryRowOf, eventRowOf, insertDeliveries, insertEvents } from './event-rows.ts';
import { bringBack, moveWaiting, readSubjectsIn } from './left-out.ts';
import { AWAITS_ANSWER, AWAITS_POST, type NewDelivery, type NewEvent } from './new-event.ts';
import { placeInQueue } from './place-in-queue.ts';
import { releaseFrom } from './release-from.ts';
import { withReviewSubject } from './review-subject.ts';
import { answerAwaitedUntil } from './safeguards.ts';

/** An event that was written. */
export interface Enqueued {
  readonly id: number;
  /** As it was written: a review has its post as the subject. */
  readonly event: Event;
  /** The ids of stored events whose subject it changed. */
  readonly moved: readonly number[];
  readonly deliveries: readonly NewDelivery[];
  /** End of the wait of its deliveries for their post, Unix milliseconds; null: they do not wait. */
  readonly awaitAnswerUntil: number | null;
  /** The rooms that have something to do. */
  readonly rooms: readonly number[];
}

/**
 * Writes an event with its deliveries, and notes that messages which show its subject are to be drawn anew. Returns null for an
 * event that is known already: then nothing is written.
 */
export async function enqueue(trx: Trx, given: NewEvent): Promise<Enqueued | null> {
  const { event, moved } = await withReviewSubject(trx, given.event);
  const item = { ...given, event };
  await forgetOld(trx, item);
  const [written] = await insertEvents.all(trx, [eventRowOf(item)]);
  if (written === undefined) return null;
  await noteLinks(trx, [event]);
  if (item.names.told !== null) await storeUserName(trx, item.names.told);
  const deliveries = await deliveriesOf(trx, item);
  const isNamed = item.awaitNameUntil !== null && event.type === 'create' && (await hasName(trx, event));
  const awaitNameUntil = isNamed ? null : item.awaitNameUntil;
  const { awaitAnswerUntil, released } = await enqueueDeliveries(trx, written.id, {
    ...item,
    awaitNameUntil,
    deliveries,
  });
  const named = await releaseNamed(trx, [event]);
  // A derived event adds no facts.
  const shownIn = event.origin === 'derived' ? [] : await noteNews(trx, event.subject, event.receivedAt);
  const isRemoved = event.role === 'report' && event.type === 'destroy';
  const back = isRemoved ? await bringBack(trx, event.subject, event.receivedAt) : [];
  const rooms = [...deliveries.map(({ roomId }) => roomId), ...released, ...named, ...shownIn, ...back];
  return { id: written.id, event, moved, deliveries, awaitAnswerUntil, rooms };
}

/** Lets an equal event count as new after its time. */
async function forgetOld(trx: Trx, item: NewEvent): Promise<void> {
  const { key, forgetAfterMs } = item.identity;
  if (forgetAfterMs === null || key === null) return;
  await trx
    .updateTable('events')
    .set({ identity: null })
    .where('identity', '=', key)
    .where('forget_at', '<=', item.event.receivedAt)
    .execute();
}

/** The result of writing the deliveries of an event. */
export interface EnqueuedDeliveries {
  /** End of their wait for the API, Unix milliseconds; null: they do not wait for it. */
  readonly awaitAnswerUntil: number | null;
  /** The rooms of deliveries that waited for this event. */
  readonly released: readonly number[];
}

/** Writes the deliveries of an event that is stored already; one that the room has already stays as it is. */
export async function enqueueDeliveries(
  trx: Trx,
  eventId: number,
  given: Omit<NewEvent, 'identity' | 'failure' | 'decide'>,
): Promise<EnqueuedDeliveries> {
  const { event, askable } = given;
  const isReported = event.role === 'report' && event.type === 'create';
  const released = isReported ? await releaseAwaiting(trx, event.subject, event.receivedAt) : [];
  const isAnswerAwaited = askable !== null && (await wantOf(trx, event, { ...given, askable }));
  const awaitAnswerUntil = given.awaitAnswerUntil ?? (isAnswerAwaited ? answerAwaitedUntil(given) : null);
  if (given.deliveries.length === 0) return { awaitAnswerUntil, released };
  const item = { ...given, awaitAnswerUntil };
  const { isByArrival } = placeOf(item.trigger?.event ?? event);
  const priority = await placeInQueue(trx, event.subject, item.priority);
  const rows: DeliveryRow[] = [];
  const subjectIn = await readSubjectsIn(trx, [event.subject]);
  const isAwaiting = item.awaitDetailsUntil !== null && !(await hasDetails(trx, event));
  const awaiting = isAwaiting ? item : { ...item, awaitDetailsUntil: null };
  for (const delivery of item.deliveries) {
    const { roomId } = delivery;
    const merged = await reportedAlready(trx, event, delivery);
    if (merged !== null) await moveWaiting.run(trx, { roomId, from: event.subject, to: merged.subject });
    const subject = merged === null ? subjectIn(roomId, event.subject) : event.subject;
    const latest = isByArrival ? await latestTimeless(trx, { roomId, subject }) : 0;
    rows.push(deliveryRowOf(eventId, awaiting, delivery, { subject, merged, latest, priority }));
  }
  await insertDeliveries.all(trx, rows);
  return { awaitAnswerUntil, released };
}

const timelessWaiting = statement((db, { roomId, subject }: { readonly roomId: number; readonly subject: string }) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select((s) => s.fn.max<number | null>('d.order_at').as('latest'))
    .where('d.room_id', '=', roomId)
    .where('d.subject', '=', subject)
    .where('d.state', '=', sql.lit('waiting'))
    .where('e.updated_at', 'is', null),
);

/**
 * Returns the latest arrival time among a subject's waiting deliveries that have no time of their own, Unix milliseconds; 0 if there are none.
 * New ones stand behind it.
 */
async function latestTimeless(trx: Trx, of: { readonly roomId: number; readonly subject: string }): Promise<number> {
  return Number((await timelessWaiting.first(trx, of))?.latest ?? 0);
}

interface OfPost {
  readonly subject: string;
  readonly now: number;
}

const releaseFromAnswer = releaseFrom(AWAITS_ANSWER);

/** A vote goes on to wait for the name of its voter, if it lacks it: both waits end at the same time. */
const releaseFromPost = statement((db, { subject, now }: OfPost) =>
  db
    .updateTable('deliveries')
    .set((e) => ({
      due_at: e.case().when(isNamelessVote).then(e.ref('due_at')).else(now).end(),
      ready: e
        .case()
        .when(isNamelessVote)
        .then(sql.lit(0 as const))
        .else(sql.lit(1 as const))
        .end(),
      reason: e.case().when(isNamelessVote).then(sql.lit(AWAITS_NAME)).else(null).end(),
    }))
    .where('subject', '=', subject)
    .where('reason', '=', sql.lit(AWAITS_POST))
    .returning('room_id'),
);

/** Releases the deliveries that wait for a post, since the post is here. Returns their rooms. */
export async function releaseAwaiting(trx: Trx, subject: string, now: number): Promise<readonly number[]> {
  const released = await releaseFromPost.all(trx, { subject, now });
  return [...released.map(({ room_id: roomId }) => roomId), ...(await releaseAnswered(trx, subject, now))];
}

/** Releases those that wait for what the API says of a post. Returns their rooms. */
export async function releaseAnswered(trx: Trx, subject: string, now: number): Promise<readonly number[]> {
  return (await releaseFromAnswer.all(trx, { subject, now })).map(({ room_id: roomId }) => roomId);
}

/**
 * Releases the deliveries that wait for names, since they are here, unless they also wait for a post. Returns their rooms.
 */
export async function releaseAwaitingNames(trx: Trx, now: number): Promise<readonly number[]> {
  const released = await trx
    .updateTable('deliveries')
    .set({ due_at: now, ready: 1, reason: null })
    .where('reason', '=', sql.lit(AWAITS_ANSWER))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(selectFrom('wanted_details as w').select('w.subject').whereRef('w.subject', '=', 'deliveries.subject')),
      ),
    )
    .returning('room_id')
    .execute();
  return released.map(({ room_id: roomId }) => roomId);
}

/** Returns the highest id of a post whose create is in the store; 0 before the first. */
export async function newestPost(trx: Pick<Trx, 'selectFrom'>): Promise<number> {
  const row = await trx
    .selectFrom('events')
    .select((s) => s.fn.max<number | null>('row_number').as('newest'))
    .where('role', '=', sql.lit('report'))
    .where('type', '=', 'create')
    .executeTakeFirst();
  return Number(row?.newest ?? 0);
}

/** Releases the deliveries of a long gap, since everything of it that the API has is here. Returns the rooms that have some of them. */
export async function endCatchUp(db: Database, from: number, now: number): Promise<number[]> {
  const rows = await db
    .updateTable('deliveries')
    .set({ due_at: now, ready: 1, reason: null })
    .where('catch_up', '=', from)
    .where('state', '=', sql.lit('waiting'))
    .returning('room_id')
    .execute();
  return [...new Set(rows.map((row) => row.room_id))];
}
