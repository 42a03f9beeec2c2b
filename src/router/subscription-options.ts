import { type DetailName, detailNames } from '../metasmoke/api/detail-names.ts';
import type { EventObject, Json } from '../words.ts';

/** How a room is told of what happens to a card: the card is edited, it is answered, in the room or in a thread of its own, or it gets reactions. */
export const updateKinds = ['edit', 'reply', 'thread', 'react'] as const;
export type UpdateKind = (typeof updateKinds)[number];

/**
 * What a subscription says beside events, condition, rooms and template. Each delivery keeps a copy as JSON, under the names that
 * the configuration has; lengths of time are milliseconds there.
 */
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
}

/** Texts that were read; there are as many as subscriptions, and each goes with thousands of deliveries. */
const knownTexts = new Map<string, SubscriptionOptions>();
const mostKnown = 1_000;

/** Reads options as they are stored. Throws if they are not JSON. */
export function readOptionsText(text: string): SubscriptionOptions {
  const known = knownTexts.get(text);
  if (known !== undefined) return known;
  const options = readOptions(JSON.parse(text) as EventObject);
  if (knownTexts.size >= mostKnown) knownTexts.clear();
  knownTexts.set(text, options);
  return options;
}

const knownOptions = new WeakMap<EventObject, SubscriptionOptions>();

/** Reads the options of a subscription or a stored delivery, which may be of another version of Lookout: what is not understood counts as not set. */
export function readOptions(options: EventObject): SubscriptionOptions {
  const before = knownOptions.get(options);
  if (before !== undefined) return before;
  const parsed = parse(options);
  knownOptions.set(options, parsed);
  return parsed;
}

function parse(options: EventObject): SubscriptionOptions {
  const { card, updates, unless } = options;
  return {
    mergeReportsMs: lengthOf(options.merge_reports),
    isCard: card === true,
    updates: updateKinds.find((kind) => kind === updates) ?? 'edit',
    details: textsOf(options.details).flatMap((text) => detailNames.find((name) => name === text) ?? []),
    holdMs: lengthOf(options.hold),
    unless: typeof unless === 'string' ? unless : null,
    mention: textsOf(options.mention),
    mentionCooldownMs: lengthOf(options.mention_cooldown) ?? 0,
  };
}

function lengthOf(value: Json | undefined): number | null {
  return typeof value === 'number' && value >= 0 ? value : null;
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
