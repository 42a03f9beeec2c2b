import type { Catalogue } from '../catalogue/catalogue.ts';
import { type EventSpec, type SentSpec, unionSpecs } from '../catalogue/event-spec.ts';
import { type EventType, type Role, sentTypes } from '../words.ts';
import type { Subscription } from './router.ts';

const ofPosts: ReadonlySet<Role | null> = new Set([
  ...(['report', 'vote', 'flag', 'deletion', 'comment', 'review_item', 'review'] as const),
]);

/** Returns the events that a card is made of: everything about the state of a post. */
export function aboutPosts(catalogue: Catalogue): SentSpec {
  const models = catalogue.names.filter((name) => ofPosts.has(catalogue.model(name)?.role ?? null));
  return new Map(models.map((model) => [model, new Set(sentTypes)]));
}

function asked(model: string, types: ReadonlySet<EventType>, catalogue: Catalogue): readonly SentSpec[] {
  const sent = sentTypes.filter((type) => types.has(type));
  const derived = catalogue.model(model)?.derived ?? [];
  return [
    ...(sent.length > 0 ? [new Map([[model, new Set(sent)]])] : []),
    ...derived.filter(({ type }) => types.has(type)).map(({ needs }) => needs),
  ];
}

/** Returns true if a subscription keeps a card up to date, holds a message back or asks about the subject of events. */
export const followsPosts = ({ where, options }: Pick<Subscription, 'where' | 'options'>): boolean =>
  options.isCard || options.holdMs !== null || where?.ofSubject != null;

/**
 * Returns the events of the source without which something is not sent or not known: those that subscriptions name, those from which derived events are
 * made, and, if one of them follows posts, everything about the state of a post.
 */
export function neededOf(subscriptions: readonly Subscription[], catalogue: Catalogue): SentSpec {
  return neededBy(unionSpecs(subscriptions.map(({ events }) => events)), subscriptions.some(followsPosts), catalogue);
}

/** The same for subscriptions that together name these events. `follows`: one of them follows posts. */
export function neededBy(named: EventSpec, follows: boolean, catalogue: Catalogue): SentSpec {
  const specs = [...named].flatMap(([model, types]) => asked(model, types, catalogue));
  return unionSpecs([...specs, ...(follows ? [aboutPosts(catalogue)] : [])]);
}

/** Returns the events to request from the source: those that are needed, and updates of votes, which bring the names of the voters. */
export function upstreamOf(subscriptions: readonly Subscription[], catalogue: Catalogue): SentSpec {
  return withVoters(neededOf(subscriptions, catalogue), catalogue);
}

/** Returns the events that are needed, and updates of votes. */
export function withVoters(needed: SentSpec, catalogue: Catalogue): SentSpec {
  const votes = [...needed].filter(([model, types]) => catalogue.model(model)?.role === 'vote' && types.has('create'));
  return unionSpecs([needed, new Map(votes.map(([model]) => [model, new Set(['update'] as const)]))]);
}
