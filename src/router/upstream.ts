import { type SentSpec, unionSpecs } from '../metasmoke/event-spec.ts';
import { type DerivedType, derivedTypes, type EventType, type SentType, sentTypes } from '../words.ts';
import type { Subscription } from './router.ts';

const all = (...models: readonly string[]): SentSpec => new Map(models.map((model) => [model, new Set(sentTypes)]));
const some = (model: string, ...types: readonly SentType[]): SentSpec => new Map([[model, new Set(types)]]);

/** The events that a card is made of: everything about the state of a post. */
export const aboutPosts = all(
  ...(['posts', 'feedbacks', 'flag_logs', 'deletion_logs', 'post_comments'] as const),
  ...(['review_items', 'review_results'] as const),
);

const pings = some('smoke_detectors', 'create', 'update');
const nothing: SentSpec = new Map();

/**
 * The events from which each derived type is derived; a function of the model, because several models have the same
 * type.
 */
const needs: Readonly<Record<DerivedType, (model: string) => SentSpec>> = {
  deleted: () => all('posts', 'deletion_logs'),
  undeleted: () => all('posts', 'deletion_logs'),
  autoflagged: () => all('posts', 'flag_logs'),
  confirmed: () => all('posts', 'feedbacks'),
  disputed: () => all('posts', 'feedbacks'),
  false_positive: () => all('posts', 'feedbacks'),
  autoflagged_false_positive: () => all('posts', 'feedbacks', 'flag_logs'),
  lingering: () => all('posts', 'deletion_logs', 'feedbacks'),
  silent: () => pings,
  lost: () => nothing,
  back: (model) => (model === 'smoke_detectors' ? pings : nothing),
  quota_low: () => some('statistics', 'create'),
};

function asked(model: string, types: ReadonlySet<EventType>): readonly SentSpec[] {
  const sent = sentTypes.filter((type) => types.has(type));
  return [
    ...(sent.length > 0 ? [some(model, ...sent)] : []),
    ...derivedTypes.filter((type) => types.has(type)).map((type) => needs[type](model)),
  ];
}

/**
 * Returns the events to request from the source: those that subscriptions name, those from which derived events are
 * made, and, if a subscription keeps a card up to date or holds a message back, everything about the state of a post.
 */
export function upstreamOf(subscriptions: readonly Subscription[]): SentSpec {
  const follows = subscriptions.some(({ options }) => options.isCard || options.holdMs !== null);
  const named = subscriptions.flatMap(({ events }) => [...events].flatMap(([model, types]) => asked(model, types)));
  return unionSpecs([...named, ...(follows ? [aboutPosts] : [])]);
}
