import { sql } from 'kysely';
import { happenedAt } from '../catalogue/event-time.ts';
import { inChunks } from '../store/in-chunks.ts';
import { eventRow } from '../store/stored-event.ts';
import { placeOf } from '../subjects/order.ts';
import { AWAITS_NAME } from './await-name.ts';
import { type Merged, mergeLink } from './duplicate-report.ts';
import { AWAITS_ANSWER, AWAITS_DETAILS, AWAITS_POST, HELD, type NewDelivery, type NewEvent } from './new-event.ts';

/** The row that is written for an event. */
export type EventRow = ReturnType<typeof eventRowOf>;

export function eventRowOf(item: Pick<NewEvent, 'event' | 'identity' | 'failure' | 'trigger'>) {
  const { event, identity, failure } = item;
  return {
    ...eventRow(event),
    identity: identity.key,
    forget_at: identity.forgetAfterMs === null ? null : event.receivedAt + identity.forgetAfterMs,
    state: failure === null ? ('routed' as const) : ('failed' as const),
    failure,
    trigger_id: item.trigger?.id ?? null,
  };
}

/** Writes events, and returns the new ones with their identities. */
export const insertEvents = inChunks((db, rows: readonly EventRow[]) =>
  db
    .insertInto('events')
    .values(
      rows.map((row) => ({
        source: row.source,
        model: row.model,
        class: row.class,
        role: row.role,
        row_id: row.row_id,
        type: row.type,
        subject: row.subject,
        updated_at: row.updated_at,
        received_at: row.received_at,
        origin: row.origin,
        object: row.object,
        texts: row.texts,
        text_names: row.text_names,
        row_number: row.row_number,
        made_at: row.made_at,
        detector: row.detector,
        quota: row.quota,
        review_item: row.review_item,
        user_id: row.user_id,
        user_name: row.user_name,
        identity: row.identity,
        forget_at: row.forget_at,
        state: row.state,
        failure: row.failure,
        trigger_id: row.trigger_id,
      })),
    )
    .onConflict((c) => c.column('identity').doNothing())
    .returning(['id', 'identity']),
);

/** The row that is written for a delivery. */
export type DeliveryRow = ReturnType<typeof deliveryRowOf>;

/** The facts about a delivery beside its event. */
interface Found {
  /** Its subject in its room. */
  readonly subject: string;
  /** The report that its room has instead; null: it needs a message. */
  readonly merged: Merged | null;
  /** Time of the arrival behind which it stands, Unix milliseconds. */
  readonly latest: number;
  readonly priority: number;
}

/** An event, and the waits of its deliveries. */
type Waits = Pick<
  NewEvent,
  'event' | 'awaitPostUntil' | 'awaitAnswerUntil' | 'awaitDetailsUntil' | 'awaitNameUntil' | 'catchUp'
>;

export function deliveryRowOf(
  eventId: number,
  item: Waits & Pick<NewEvent, 'trigger'>,
  delivery: NewDelivery,
  { subject, merged, latest, priority }: Found,
) {
  const { event } = item;
  const { at, rank } = placeOf(item.trigger?.event ?? event);
  // A derived event stands behind its trigger, or later if it happened later: a fetched report may say that it was deleted.
  const ownAt = (item.trigger === null ? null : happenedAt(event)) ?? 0;
  const { roomId, subscription, template, options, rowKey, conditionFailed } = delivery;
  const { waits, until } = firstWait(item, delivery);
  return {
    event_id: eventId,
    room_id: roomId,
    subject,
    state: merged === null ? ('waiting' as const) : ('cancelled' as const),
    reason: merged?.reason ?? waits,
    subscription,
    template,
    options: options.text,
    due_at: until,
    ready: until <= event.receivedAt ? (1 as const) : (0 as const),
    order_at: at === null ? null : Math.max(at, ownAt, latest),
    order_rank: rank,
    priority,
    catch_up: item.catchUp?.from ?? null,
    condition_failed: conditionFailed,
    link: mergeLink(event, options),
    left_out_for: merged?.subject ?? null,
    row_key: rowKey,
    settled_at: merged === null ? null : event.receivedAt,
  };
}

/** Writes deliveries; one that the room has already stays as it is. */
export const insertDeliveries = inChunks((db, rows: readonly DeliveryRow[]) =>
  db
    .insertInto('deliveries')
    .values(
      rows.map((row) => ({
        event_id: row.event_id,
        room_id: row.room_id,
        subject: row.subject,
        state: row.state,
        reason: row.reason,
        subscription: row.subscription,
        template: row.template,
        options: row.options,
        due_at: row.due_at,
        ready: row.ready,
        order_at: row.order_at,
        order_rank: row.order_rank,
        priority: row.priority,
        catch_up: row.catch_up,
        condition_failed: row.condition_failed,
        link: row.link,
        left_out_for: row.left_out_for,
        row_key: row.row_key,
        settled_at: row.settled_at,
        alone: sql.lit(0 as const),
        attempts: sql.lit(0),
        counted_ms: sql.lit(0),
      })),
    )
    .onConflict((c) => c.columns(['event_id', 'room_id']).doNothing()),
);

/** Returns why a delivery is not sent at once, and when its wait ends at the latest, Unix milliseconds. */
function firstWait(
  { event, awaitPostUntil, awaitAnswerUntil, awaitDetailsUntil, awaitNameUntil, catchUp }: Waits,
  { options: { holdMs, isCard, details }, needsReasons }: NewDelivery,
): { readonly waits: string | null; readonly until: number } {
  if (holdMs !== null) return { waits: HELD, until: Math.max(event.receivedAt + holdMs, catchUp?.until ?? 0) };
  if (awaitPostUntil !== null) return { waits: AWAITS_POST, until: awaitPostUntil };
  if (awaitDetailsUntil !== null && (needsReasons || (isCard && details.length > 0)))
    return { waits: AWAITS_DETAILS, until: awaitDetailsUntil };
  // An answer takes longer than the name that follows a vote.
  if (awaitAnswerUntil !== null) return { waits: AWAITS_ANSWER, until: awaitAnswerUntil };
  // A card shows the name as soon as it comes.
  if (awaitNameUntil !== null && !isCard) return { waits: AWAITS_NAME, until: awaitNameUntil };
  if (catchUp !== null) return { waits: 'catching up', until: catchUp.until };
  return { waits: null, until: event.receivedAt };
}
