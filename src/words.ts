/**
 * The words of Lookout, said once. Code, tables, log fields and replies use exactly these.
 *
 * - **source**: one connection to an Action Cable endpoint of metasmoke's API.
 * - **event**: one thing that happened, as the source told it.
 * - **model**: the plural table name of an event's class: `Post` → `posts`.
 * - **event spec**: the API's own filter text: `posts#create`, `flag_logs`, `statistics#create,update;posts#create`.
 * - **subject**: what an event is about: `post:123` for a post and all that leads to it.
 * - **subscription**: event spec + optional condition + room + template + options.
 * - **room**: a chat and an address in it: `discord:<channel or thread id>`, `matrix:<room id or alias>`, `console:<name>`.
 * - **delivery**: one event for one room: waiting, planned, then settled: sent, muted, cancelled or dead.
 * - **message**: one thing that a room shows; carries 0 to n deliveries.
 * - **send**: one request that changes a room for a message; stored before the first byte leaves.
 * - **outbox**: the durable tables of deliveries, messages and sends.
 * - **adapter**: the code for one chat platform.
 */

/** A JSON value as it came over the wire. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A row of a model as the source sent it, less its private columns. */
export type EventObject = { readonly [field: string]: Json };

/** What happened to a row, as the source tells it. metasmoke sends these three and no others. */
export const sentTypes = ['create', 'update', 'destroy'] as const;
export type SentType = (typeof sentTypes)[number];

/** What Lookout concludes from what it was told, or from the time. Which model has which: `metasmoke/derived.ts`. */
export const derivedTypes = [
  ...(['deleted', 'undeleted', 'autoflagged', 'confirmed', 'disputed', 'false_positive'] as const),
  ...(['autoflagged_false_positive', 'lingering', 'silent', 'lost', 'back', 'quota_low'] as const),
] as const;
export type DerivedType = (typeof derivedTypes)[number];

export type EventType = SentType | DerivedType;

/** How an event reached us. */
export type Origin = 'live' | 'backfilled' | 'derived';

/** One thing that happened, decoded. Immutable. */
export interface Event {
  /** The source's configured name, `metasmoke` by default. */
  readonly source: string;
  /** Plural table name: `posts`. */
  readonly model: string;
  /** The class name as sent: `Post`. */
  readonly class: string;
  readonly type: EventType;
  /** The row's id as decimal text; null for an event without a row (`ref#update`). */
  readonly rowId: string | null;
  /** `post:123`, `<singular model>:<id>`, or `source:<name>` where there is no row. */
  readonly subject: string;
  /** The row's `updated_at` as sent (`2025-07-06T15:09:00.000Z`), null where the model has none. */
  readonly updatedAt: string | null;
  /** When it reached us, Unix milliseconds. */
  readonly receivedAt: number;
  readonly origin: Origin;
  readonly object: EventObject;
}

/** The name of a chat platform, as addresses and rows have it: `matrix`. It is checked against the list where a text is read. */
export type PlatformName = string;

/** Somebody who is to be pinged, by the platform's id. */
export interface Mention {
  /** Roles are groups of people, where a platform has such. */
  readonly kind: 'user' | 'role';
  readonly id: string;
}

/** What a delivery can be. The last four are settled: nothing more happens to it by itself. */
export type DeliveryState = 'waiting' | 'planned' | 'sent' | 'muted' | 'cancelled' | 'dead';

/** What a message is to its readers. */
export type MessageKind = 'single' | 'card' | 'digest' | 'notice';

/** What a send does to a room. */
export type SendKind = 'create' | 'edit' | 'reply' | 'thread' | 'react' | 'redact';

/** A time in which events may have been missed. Instants are Unix milliseconds. */
export interface Gap {
  readonly id: number;
  /** The end of the time that was heard for certain, and the instant from which on we hear again. */
  readonly from: number;
  readonly until: number;
  readonly reason: string;
  /** The events that cannot be fetched, as an event spec or in words; null: all of them can. */
  readonly lost: string | null;
  /** Number of rows that the API had of it so far; null: it was not asked, or has not answered yet. */
  readonly fetched: number | null;
  /** From then on it is still to be fetched; null: nothing of it is. */
  readonly openFrom: number | null;
  /** Number of readings that did not give all, and the reason of the last one. */
  readonly tries: number;
  readonly problem: string | null;
}
