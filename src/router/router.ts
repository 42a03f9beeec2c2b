import type { Catalogue } from '../catalogue/catalogue.ts';
import type { DetailName } from '../catalogue/detail-names.ts';
import { type EventSpec, type SentSpec, unionSpecs } from '../catalogue/event-spec.ts';
import type { DerivedType, Event, EventObject, EventType } from '../words.ts';
import type { Condition, ConditionResult } from './condition.ts';
import { createJudge, type Judge } from './judge.ts';
import type { SubscriptionOptions } from './subscription-options.ts';
import { followsPosts, neededBy, withVoters } from './upstream.ts';

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

/** A router whose subscriptions change one by one, at a cost that does not grow with the others. */
export interface ChangingRouter extends Router {
  /** Adds a subscription, which is tried after all others. */
  add(subscription: Subscription): void;
  remove(subscription: Subscription): void;
}

/**
 * Creates a router. Subscriptions are indexed by model and type; equal conditions run once per event, and all of them
 * in limited time.
 */
export function createRouter(subscriptions: readonly Subscription[], catalogue: Catalogue): ChangingRouter {
  const router = new IndexedRouter(catalogue);
  for (const subscription of subscriptions) router.add(subscription);
  return router;
}

/** The subscriptions to one type of events of a model, in the order in which they are tried. */
interface Listed {
  readonly model: string;
  readonly type: EventType;
  readonly subscriptions: Subscription[];
  /** Number of those whose condition asks about the subject. */
  asking: number;
}

const keyOf = ({ model, type }: Pick<Event, 'model' | 'type'>) => `${model}#${type}`;

class IndexedRouter implements ChangingRouter {
  readonly #catalogue: Catalogue;
  readonly #index = new Map<string, Listed>();
  /** Number of subscriptions that follow posts, and of those that ask for the weight of a post. */
  #following = 0;
  #weighing = 0;
  /** Null: not known since the last change. */
  #asked: Pick<Router, 'needed' | 'union'> | null = null;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  add(subscription: Subscription): void {
    this.#count(subscription, 1);
    for (const [model, types] of subscription.events)
      for (const type of types) {
        const key = keyOf({ model, type });
        const listed = this.#index.get(key) ?? { model, type, subscriptions: [], asking: 0 };
        listed.subscriptions.push(subscription);
        if (subscription.where?.ofSubject != null) listed.asking++;
        this.#index.set(key, listed);
      }
  }

  remove(subscription: Subscription): void {
    this.#count(subscription, -1);
    for (const [model, types] of subscription.events)
      for (const type of types) {
        const key = keyOf({ model, type });
        const listed = this.#index.get(key);
        const at = listed?.subscriptions.indexOf(subscription) ?? -1;
        if (listed === undefined || at === -1) throw new Error(`the router does not have ${subscription.id}`);
        listed.subscriptions.splice(at, 1);
        if (subscription.where?.ofSubject != null) listed.asking--;
        if (listed.subscriptions.length === 0) this.#index.delete(key);
      }
  }

  #count(subscription: Subscription, change: 1 | -1): void {
    if (followsPosts(subscription)) this.#following += change;
    if (asksWeight(subscription)) this.#weighing += change;
    this.#asked = null;
  }

  route(event: Event, subject: EventObject | null): readonly Match[] {
    const matches = new Map<string, Match>();
    const judge = createJudge(event, subject);
    for (const subscription of this.#index.get(keyOf(event))?.subscriptions ?? []) {
      const rooms = subscription.rooms.filter((room) => !matches.has(room));
      if (rooms.length === 0) continue;
      const verdict = judgeSubscription(subscription, judge);
      if (verdict.outcome === 'value' && !verdict.value) continue;
      const conditionFailed = verdict.outcome === 'failed' ? verdict.reason : null;
      for (const room of rooms) matches.set(room, { room, subscription, conditionFailed });
    }
    return [...matches.values()];
  }

  asksSubject(event: Pick<Event, 'model' | 'type'>): boolean {
    return (this.#index.get(keyOf(event))?.asking ?? 0) > 0;
  }

  get details(): readonly DetailName[] {
    return this.#weighing > 0 ? ['reasons'] : [];
  }

  get needed(): SentSpec {
    return this.#ask().needed;
  }

  get union(): SentSpec {
    return this.#ask().union;
  }

  names(model: string, type: DerivedType): boolean {
    return this.#index.has(keyOf({ model, type }));
  }

  #ask(): Pick<Router, 'needed' | 'union'> {
    if (this.#asked !== null) return this.#asked;
    const named = unionSpecs([...this.#index.values()].map(({ model, type }) => new Map([[model, new Set([type])]])));
    const needed = neededBy(named, this.#following > 0, this.#catalogue);
    this.#asked = { needed, union: withVoters(needed, this.#catalogue) };
    return this.#asked;
  }
}
