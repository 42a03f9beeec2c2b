import type { EventSpec, SentSpec } from '../metasmoke/event-spec.ts';
import type { DerivedType, Event } from '../words.ts';
import type { Condition, Verdict } from './condition.ts';
import { createJudge } from './judge.ts';
import type { SubscriptionOptions } from './subscription-options.ts';
import { upstreamOf } from './upstream.ts';

/** What one or more rooms want to hear, and how it looks there. */
export interface Subscription {
  readonly id: string;
  readonly events: EventSpec;
  /** Null: everything that `events` names. */
  readonly where: Condition | null;
  /** Written addresses, such as `matrix:#a:example.org`. */
  readonly rooms: readonly string[];
  /** A template's name; null: the model's own. */
  readonly template: string | null;
  readonly options: SubscriptionOptions;
}

/** That a room hears an event, and by which subscription. */
export interface Match {
  readonly room: string;
  readonly subscription: Subscription;
  /** Why the condition could not be evaluated, which counts as matched; null where it was. */
  readonly conditionFailed: string | null;
}

export interface Router {
  /** At most one match a room: the first subscription, in the order given, that matches. Never throws. */
  route(event: Event): readonly Match[];
  /** What all subscriptions together need of the source. */
  readonly union: SentSpec;
  /** Whether any subscription names derived events of a type. */
  names(model: string, type: DerivedType): boolean;
}

const always: Verdict = { outcome: 'value', value: true };

/** Decides which rooms hear an event. Subscriptions are indexed by model and type; equal conditions run once an event, and all of them in bounded time. */
export function createRouter(subscriptions: readonly Subscription[]): Router {
  const index = new Map<string, Subscription[]>();
  for (const subscription of subscriptions) {
    for (const [model, types] of subscription.events) {
      for (const type of types) {
        const key = `${model}#${type}`;
        const listed = index.get(key);
        if (listed) listed.push(subscription);
        else index.set(key, [subscription]);
      }
    }
  }

  function route(event: Event): readonly Match[] {
    const matches = new Map<string, Match>();
    const judge = createJudge(event);
    for (const subscription of index.get(`${event.model}#${event.type}`) ?? []) {
      const rooms = subscription.rooms.filter((room) => !matches.has(room));
      if (rooms.length === 0) continue;
      const verdict = subscription.where === null ? always : judge(subscription.where);
      if (verdict.outcome === 'value' && !verdict.value) continue;
      const conditionFailed = verdict.outcome === 'failed' ? verdict.reason : null;
      for (const room of rooms) matches.set(room, { room, subscription, conditionFailed });
    }
    return [...matches.values()];
  }

  return { route, union: upstreamOf(subscriptions), names: (model, type) => index.has(`${model}#${type}`) };
}
