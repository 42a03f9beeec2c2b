import { eventTypes } from '../words.ts';
import { type EventSpec, unionSpecs } from './event-spec.ts';
import type { Subscription } from './router.ts';
import { readOptions } from './subscription-options.ts';

/** All that says how a post stands. */
const aboutPosts: EventSpec = new Map(
  [
    ...(['posts', 'feedbacks', 'flag_logs', 'deletion_logs', 'post_comments'] as const),
    ...(['review_items', 'review_results'] as const),
  ].map((model) => [model, new Set(eventTypes)]),
);

/**
 * What the source is to be asked for: what subscriptions name, and, where one keeps a card up to date or holds a message back,
 * all that says how a post stands.
 */
export function upstreamOf(subscriptions: readonly Subscription[]): EventSpec {
  const follows = subscriptions.some(({ options }) => {
    const { isCard, holdMs } = readOptions(options);
    return isCard || holdMs !== null;
  });
  return unionSpecs([...subscriptions.map(({ events }) => events), ...(follows ? [aboutPosts] : [])]);
}
