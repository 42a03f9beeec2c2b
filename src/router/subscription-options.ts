import { type DetailName, detailNames } from '../catalogue/detail-names.ts';
import type { EventObject, Json } from '../words.ts';

/** Ways to show news of a card in a room: edit the card, reply in the room or in a thread of its own, or add reactions. */
export const updateKinds = ['edit', 'reply', 'thread', 'react'] as const;
export type UpdateKind = (typeof updateKinds)[number];

/** The options of a subscription besides events, condition, rooms and template. */
export interface SubscriptionOptions {
  /** Time within which a second report of the same link is not news, ms; null: it always is. */
  readonly mergeReportsMs: number | null;
  /** One message for each subject and room, which is kept up to date. */
  readonly isCard: boolean;
  readonly updates: UpdateKind;
  /** The details of a card that are fetched from metasmoke's API. */
  readonly details: readonly DetailName[];
  /** Time for which a message is held back, ms; null: it is not. */
  readonly holdMs: number | null;
  /** The condition over the subject that cancels a held message. */
  readonly unless: string | null;
  /** The people whom a new message mentions, as written in the configuration. */
  readonly mention: readonly string[];
  /** Shortest time between two mentions in a room, ms. */
  readonly mentionCooldownMs: number;
  /** The same as JSON, under the names of the configuration, with durations in milliseconds. Each delivery and card keeps a copy. */
  readonly text: string;
}

/** Parsed texts. There are as many as subscriptions, and each is used by thousands of deliveries. */
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

/** Parses options under the names of the configuration. Unknown values count as not set. */
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
