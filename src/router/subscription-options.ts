import { type DetailName, detailNames } from '../metasmoke/api/detail-names.ts';
import type { EventObject, Json } from '../words.ts';

/** How a room is told of what happens to a card: the card is edited, it is answered, in the room or in a thread of its own, or it gets reactions. */
export const updateKinds = ['edit', 'reply', 'thread', 'react'] as const;
export type UpdateKind = (typeof updateKinds)[number];

/** The settings of a subscription beside events, condition, rooms and template. */
export interface SubscriptionOptions {
  /** Within so long a second report of one link is no news; null: each is. */
  readonly mergeReportsMs: number | null;
  /** One message for each subject and room, which stays up to date. */
  readonly isCard: boolean;
  readonly updates: UpdateKind;
  /** What of a card is asked of metasmoke's API. */
  readonly details: readonly DetailName[];
  /** How long a message is held back; null: it is not. */
  readonly holdMs: number | null;
  /** The condition over the subject by which a held one is cancelled. */
  readonly unless: string | null;
  /** Whom a new message pings, as written in the configuration. */
  readonly mention: readonly string[];
  /** How long nobody is pinged again in a room. */
  readonly mentionCooldownMs: number;
  /** The same as JSON, under the names of the configuration, with lengths of time in milliseconds: each delivery and card keeps a copy. */
  readonly text: string;
}

/** Options by their stored texts: there are as many as subscriptions, and each text stands in thousands of deliveries. */
const knownTexts = new Map<string, SubscriptionOptions>();
const mostKnown = 1_000;

/** Parses the options of a delivery or card, which another version of Lookout may have stored. Throws if they are not JSON. */
export function parseStoredOptions(text: string): SubscriptionOptions {
  const known = knownTexts.get(text);
  if (known !== undefined) return known;
  const options = { ...parseOptions(JSON.parse(text) as EventObject), text };
  if (knownTexts.size >= mostKnown) knownTexts.clear();
  knownTexts.set(text, options);
  return options;
}

/** Parses options under the names of the configuration. A value that is not understood counts as not set. */
export function parseOptions(written: EventObject): SubscriptionOptions {
  const { card, updates, unless } = written;
  return {
    mergeReportsMs: lengthOf(written.merge_reports),
    isCard: card === true,
    updates: updateKinds.find((kind) => kind === updates) ?? 'edit',
    details: textsOf(written.details).flatMap((text) => detailNames.find((name) => name === text) ?? []),
    holdMs: lengthOf(written.hold),
    unless: typeof unless === 'string' ? unless : null,
    mention: textsOf(written.mention),
    mentionCooldownMs: lengthOf(written.mention_cooldown) ?? 0,
    text: JSON.stringify(written),
  };
}

function lengthOf(value: Json | undefined): number | null {
  return typeof value === 'number' && value >= 0 ? value : null;
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** The options of a subscription that sets none. */
export const noOptions = parseOptions({});
