import type { Catalogue } from '../catalogue/catalogue.ts';
import type { DetailName } from '../catalogue/detail-names.ts';
import type { EventSpec, SentSpec } from '../catalogue/event-spec.ts';
import type { DerivedType, Event, EventObject } from '../words.ts';
import type { Condition, ConditionResult } from './condition.ts';
import { createJudge, type Judge } from './judge.ts';
import type { SubscriptionOptions } from './subscription-options.ts';
import { neededOf, upstreamOf } from './upstream.ts';

/** The events for one or more rooms, and their appearance there. */
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

/** A room that gets an event, and the subscription that matched. */
export interface Match {
  readonly room: string;
  readonly subscription: Subscription;
  /** The reason why the condition could not be evaluated, which counts as matched; null if it was evaluated. */
  readonly conditionFailed: string | null;
}

export interface Router {
  /**
   * Returns at most one match per room: the first matching subscription, in the given order. Never throws. `subject`:
   * the values of the event's subject; null: it is not a post, or no condition asks about it (`asksSubject`).
   */
  route(event: Event, subject: EventObject | null): readonly Match[];
  /** Returns true if a condition on events of this model and type asks about their subject. */
  asksSubject(event: Pick<Event, 'model' | 'type'>): boolean;
  /** The details of posts that conditions ask about and that only an API has. */
  readonly details: readonly DetailName[];
  /** The events of the source that all subscriptions together need. */
  readonly needed: SentSpec;
  /** The events that are requested from the source: those, and updates that bring the names of voters. */
  readonly union: SentSpec;
  /** Returns true if any subscription names derived events of a type. */
  names(model: string, type: DerivedType): boolean;
}

const always: ConditionResult = { outcome: 'value', value: true };

/** Judges an event that a subscription names. A condition that cannot be evaluated counts as matched. */
export function judgeSubscription({ where }: Pick<Subscription, 'where'>, judge: Judge): ConditionResult {
  return where === null ? always : judge(where);
}

/** Returns true if a condition of a subscription, `where` or `unless`, may ask for the weight of a post. */
function asksWeight({ where, options: { unless } }: Subscription): boolean {
  return where?.ofSubject?.has('weight') === true || /\bsubject\.weight\b/.test(unless ?? '');
}

/**
 * Creates a router. Subscriptions are indexed by model and type; equal conditions run once per event, and all of them
 * in limited time.
 */
export function createRouter(subscriptions: readonly Subscription[], catalogue: Catalogue): Router {
  const index = new Map<string, Subscription[]>();
  const asking = new Set<string>();
  for (const subscription of subscriptions) {
    for (const [model, types] of subscription.events) {
      for (const type of types) {
        const key = `${model}#${type}`;
        if (subscription.where?.ofSubject != null) asking.add(key);
        const listed = index.get(key);
        if (listed) listed.push(subscription);
        else index.set(key, [subscription]);
      }
    }
  }

  function route(event: Event, subject: EventObject | null): readonly Match[] {
    const matches = new Map<string, Match>();
    const judge = createJudge(event, subject);
    for (const subscription of index.get(`${event.model}#${event.type}`) ?? []) {
      const rooms = subscription.rooms.filter((room) => !matches.has(room));
      if (rooms.length === 0) continue;
      const verdict = judgeSubscription(subscription, judge);
      if (verdict.outcome === 'value' && !verdict.value) continue;
      const conditionFailed = verdict.outcome === 'failed' ? verdict.reason : null;
      for (const room of rooms) matches.set(room, { room, subscription, conditionFailed });
    }
    return [...matches.values()];
  }

  return {
    route,
    asksSubject: ({ model, type }) => asking.has(`${model}#${type}`),
    details: subscriptions.some(asksWeight) ? ['reasons'] : [],
    needed: neededOf(subscriptions, catalogue),
    union: upstreamOf(subscriptions, catalogue),
    names: (model, type) => index.has(`${model}#${type}`),
  };
}
