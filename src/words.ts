/**
 * The words of Lookout, defined once. Code, tables, log fields and replies use exactly these.
 *
 * - **source**: one connection to an Action Cable endpoint of metasmoke's API.
 * - **event**: one thing that happened, as the source sent it.
 * - **model**: the plural table name of an event's class: `Post` → `posts`.
 * - **event spec**: the API's own filter text: `posts#create`, `flag_logs`, `statistics#create,update;posts#create`.
 * - **subject**: what an event is about: `post:123` for a post and all that leads to it.
 * - **subscription**: event spec + optional condition + room + template + options.
 * - **room**: a chat and an address in it: `discord:<channel or thread id>`, `matrix:<room id or alias>`,
 *   `console:<name>`.
 * - **mute**: a pause of a room, or of some events in it: until when, by whom, why.
 * - **template**: a Handlebars file that turns an event into a message.
 * - **delivery**: one event for one room: waiting, planned, then settled: sent, muted, cancelled or dead.
 * - **message**: one thing that a room shows; carries 0 to n deliveries.
 * - **send**: one request that changes a room for a message; stored before the first byte leaves.
 * - **card**: a message that is edited as later events on its subject arrive.
 * - **account**: one login of ours on a platform; a platform has one or several.
 * - **outbox**: the durable tables of deliveries, messages and sends.
 * - **adapter**: the code for one chat platform.
 * - **hub**: Lookout's own server of the same WebSocket API, for demos, tests, replays and relays.
 */

/** A JSON value as it came over the wire. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A row of a model as the source sent it, without its private columns. */
export type EventObject = { readonly [field: string]: Json };

/** The event types that the source sends. metasmoke sends these three and no others. */
export const sentTypes = ['create', 'update', 'destroy'] as const;
export type SentType = (typeof sentTypes)[number];

/**
 * The event types that Lookout derives from other events or from the time. `metasmoke/derived.ts` lists those of each
 * model.
 */
export const derivedTypes = [
  ...(['deleted', 'undeleted', 'autoflagged', 'confirmed', 'disputed', 'false_positive'] as const),
  ...(['autoflagged_false_positive', 'flagged_not_spam', 'lingering', 'silent', 'lost', 'back', 'quota_low'] as const),
] as const;
export type DerivedType = (typeof derivedTypes)[number];

export type EventType = SentType | DerivedType;

/**
 * The part that the rows of a model play, in our own words; the catalogue of a source gives each of its models one or
 * none. `report`: the post that is reported; `vote`, `flag`, `deletion`, `comment`: about a report; `review_item` links
 * a `review` to its report; `detector`: a program that finds spam; `statistic`: figures about one.
 */
export type Role =
  | ('report' | 'vote' | 'flag' | 'deletion' | 'comment' | 'review_item' | 'review')
  | ('detector' | 'statistic');

/** The way in which an event reached us. */
export type Origin = 'live' | 'backfilled' | 'derived';

/** One thing that happened, decoded. Immutable. */
export interface Event {
  /** The source's configured name, `metasmoke` by default. */
  readonly source: string;
  /** Plural table name: `posts`. */
  readonly model: string;
  /** The class name as sent: `Post`. */
  readonly class: string;
  /** The role of its model; null: it has none. */
  readonly role: Role | null;
  readonly type: EventType;
  /** The row's id as decimal text; null for an event without a row (`ref#update`). */
  readonly rowId: string | null;
  /** `post:123`, `<singular model>:<id>`, or `source:<name>` if there is no row. */
  readonly subject: string;
  /** The row's `updated_at` as sent (`2025-07-06T15:09:00.000Z`), null if the model has none. */
  readonly updatedAt: string | null;
  /** Time of arrival, Unix milliseconds. */
  readonly receivedAt: number;
  readonly origin: Origin;
  readonly object: EventObject;
}

/** The name of a chat platform, as in addresses and rows: `matrix`. It is checked against the list when a text is read. */
export type PlatformName = string;

/**
 * An account of ours: the platform's name for the one without a name (`matrix`), else with its name behind it
 * (`matrix/eu`). `account-id.ts` makes and reads it.
 */
export type AccountId = string;

/** A person or group to be mentioned, by the platform's id. */
export interface Mention {
  /** Roles are groups of people, on platforms that have them. */
  readonly kind: 'user' | 'role';
  readonly id: string;
}

/** The state of a delivery. The last four are settled: they do not change by themselves. */
export type DeliveryState = 'waiting' | 'planned' | 'sent' | 'muted' | 'cancelled' | 'dead';

/** The kind of a message. */
export type MessageKind = 'single' | 'card' | 'digest' | 'notice';

/** The effect of a send on a room. */
export type SendKind = 'create' | 'edit' | 'reply' | 'thread' | 'react' | 'redact';

/** A time in which events may have been missed. Instants are Unix milliseconds. */
export interface Gap {
  readonly id: number;
  /** The last instant of complete reception, and the instant from which events arrive again. */
  readonly from: number;
  readonly until: number;
  readonly reason: string;
  /** The events that cannot be fetched, as an event spec or in words; null: all can be fetched. */
  readonly lost: string | null;
  /** Number of rows from the API so far; null: not requested, or no answer yet. */
  readonly fetched: number | null;
  /** Start of the part that is still to be fetched; null: none. */
  readonly openFrom: number | null;
  /** Number of incomplete readings, and the reason of the last one. */
  readonly tries: number;
  readonly problem: string | null;
}
