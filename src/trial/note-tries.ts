import type { RoomSubscription } from '../rooms/live-subscriptions.ts';
import type { ConditionResult } from '../router/condition.ts';
import { valuesNamedBy } from '../router/condition-values.ts';
import { createJudge } from '../router/judge.ts';
import { judgeSubscription } from '../router/router.ts';
import type { Event, EventObject, Json } from '../words.ts';

/** A subscription that names an event, and how its condition judged it. */
export interface Tried {
  readonly subscription: RoomSubscription;
  readonly result: ConditionResult;
  readonly values: Readonly<Record<string, Json>>;
}

/**
 * Tries the subscriptions of rooms on an event, as the router does: in their order, those that name it, up to the first
 * that matches. `subject`: the values of the event's subject when it came.
 */
export function tryRooms(
  rooms: readonly (readonly RoomSubscription[])[],
  event: Event,
  subject: EventObject | null,
): readonly (readonly Tried[])[] {
  // Equal conditions are evaluated once for all rooms.
  const judge = createJudge(event, subject);
  const valuesOf = new Map<string, Tried['values']>();
  return rooms.map((subscriptions) => {
    const tried: Tried[] = [];
    for (const subscription of subscriptions) {
      if (subscription.events.get(event.model)?.has(event.type) !== true) continue;
      const source = subscription.where?.source ?? '';
      const values = valuesOf.get(source) ?? namedValues(source, event.object, subject);
      valuesOf.set(source, values);
      const result = judgeSubscription(subscription, judge);
      tried.push({ subscription, result, values });
      if (result.outcome === 'failed' || result.value) break;
    }
    return tried;
  });
}

function namedValues(where: string, object: EventObject, subject: EventObject | null): Tried['values'] {
  const named = valuesNamedBy(where, object, subject);
  return Object.fromEntries(
    named.flatMap(({ owner, field, value }) => (value === undefined ? [] : [[`${owner}.${field}`, value]])),
  );
}
