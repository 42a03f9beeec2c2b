import { createHash } from 'node:crypto';
import { type EventSpec, formatEventSpec } from '../metasmoke/event-spec.ts';

/** What a subscription without an `id:` is known by. */
export interface SubscriptionContent {
  readonly events: EventSpec;
  readonly where: string | null;
  readonly template: string | null;
  /** Written addresses, in any order. */
  readonly rooms: readonly string[];
}

/**
 * Twelve hex digits of a hash over what the subscription says, so that it stays the same where the file is reordered or a
 * subscription is exported and pasted back.
 */
export function subscriptionId({ events, where, template, rooms }: SubscriptionContent): string {
  const said = JSON.stringify([formatEventSpec(events), where?.trim() ?? null, template, [...new Set(rooms)].sort()]);
  return createHash('sha256').update(said).digest('hex').slice(0, 12);
}
