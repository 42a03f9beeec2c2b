import { createHash } from 'node:crypto';
import { type EventSpec, formatEventSpec } from '../catalogue/event-spec.ts';

/** The content from which the id of a subscription without an `id:` is computed. */
export interface SubscriptionContent {
  readonly events: EventSpec;
  readonly where: string | null;
  readonly template: string | null;
  /** Written addresses, in any order. */
  readonly rooms: readonly string[];
}

/**
 * Returns twelve hex digits of a hash over a subscription's content, so that the id stays the same if the file is
 * reordered, or if a subscription is exported and pasted back.
 */
export function subscriptionId({ events, where, template, rooms }: SubscriptionContent): string {
  const said = JSON.stringify([formatEventSpec(events), where?.trim() ?? null, template, [...new Set(rooms)].sort()]);
  return createHash('sha256').update(said).digest('hex').slice(0, 12);
}
