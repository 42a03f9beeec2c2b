import type { Generated, Kysely, Transaction } from 'kysely';
import type { DeliveryState, EventType, MessageKind, Origin, PlatformName, Role, SendKind } from '../words.ts';

/** Unix milliseconds. */
type Instant = number;
/** JSON text. */
type JsonText = string;

/**
 * `failed`: our own code failed on it; `retry`: the operator requested another attempt, which the running process
 * makes; `dropped`: the operator gave it up.
 */
export type StoredEventState = 'routed' | 'failed' | 'retry' | 'dropped';

/**
 * `pending`: stored, and the platform may or may not have it. A send that was certainly not accepted is deleted: its
 * deliveries wait and are planned again. `dead` is a dead letter.
 */
export type SendState = 'pending' | 'sent' | 'dead' | 'dropped';

/** One event as received, with its identity (promise 2). */
export interface EventsTable {
  readonly id: Generated<number>;
  readonly source: string;
  readonly model: string;
  readonly class: string;
  readonly role: Role | null;
  readonly row_id: string | null;
  readonly type: EventType;
  readonly subject: string;
  readonly updated_at: string | null;
  readonly received_at: Instant;
  readonly origin: Origin;
  readonly object: JsonText;
  /** The identity by which duplicates are dropped; null after it was forgotten. Unique. */
  readonly identity: string | null;
  /** Time at which the identity is forgotten; null: never. */
  readonly forget_at: Instant | null;
  readonly state: StoredEventState;
  readonly failure: string | null;
  /** Id of the event from which a derived event was derived; null if it was derived from the time alone. */
  readonly trigger_id: number | null;
}

/** One room, identified by its key `<platform>:<account id>:<resolved address>`. */
export interface RoomsTable {
  readonly id: Generated<number>;
  readonly key: string;
  /** The address as written in the configuration: `matrix:#alias:server`. Unique. */
  readonly address: string;
  readonly name: string;
  readonly platform: PlatformName;
  /** The address for sends; null before the first resolution. */
  readonly resolved: string | null;
  /** 1 while the configuration names it; deliveries of a room that was removed are parked. */
  readonly configured: 0 | 1;
}

/** The sync position of each account and device. */
export interface AccountsTable {
  readonly platform: PlatformName;
  readonly account: string;
  /** '' if the platform has no devices. */
  readonly device: string;
  /** Matrix sync token; null before the first sync. */
  readonly sync_position: string | null;
}

/** One event for one room. */
export interface DeliveriesTable {
  readonly id: Generated<number>;
  readonly event_id: number;
  readonly room_id: number;
  readonly subject: string;
  readonly state: DeliveryState;
  /** The reason for waiting (`parked`, `awaits post`), for cancelling or for its death. */
  readonly reason: string | null;
  readonly subscription: string;
  readonly template: string | null;
  readonly options: JsonText;
  readonly due_at: Instant;
  /**
   * 1: `due_at` has passed. Code that sets `due_at` to a later instant sets 0; the room's worker sets 1 when the
   * instant has passed.
   */
  readonly ready: 0 | 1;
  /**
   * Its place within its subject (`subjects/order.ts`): by this, then by the rank, then by the event's id; null for a
   * destroy.
   */
  readonly order_at: Instant | null;
  readonly order_rank: number;
  /** Priority of its subject: lower numbers go first. */
  readonly priority: number;
  /** 1: it must not share a message, because a shared one was rejected. */
  readonly alone: 0 | 1;
  /**
   * Id of its long gap: the instant (Unix milliseconds) from which the gap was fetched. The gap is announced in one
   * digest.
   */
  readonly catch_up: Instant | null;
  /**
   * The reason why the condition of its subscription could not be evaluated, which counts as matched; null: it was
   * evaluated.
   */
  readonly condition_failed: string | null;
  /** Link of the reported post, if later reports of the same link are to be dropped; otherwise null. */
  readonly link: string | null;
  readonly mute: string | null;
  readonly message_id: number | null;
  readonly slot: number | null;
  /** Carried from send to send, so that a new plan does not restart the 24 hours. */
  readonly attempts: number;
  readonly first_attempt_at: Instant | null;
  readonly last_attempt_at: Instant | null;
  readonly counted_ms: number;
  readonly settled_at: Instant | null;
}

/** One message in a room. */
export interface MessagesTable {
  readonly id: Generated<number>;
  readonly room_id: number;
  readonly subject: string;
  readonly kind: MessageKind;
  readonly platform_id: string | null;
  /** Time from which it must be redrawn because something it shows has changed; null: it is up to date. */
  readonly redraw_at: Instant | null;
  /** Number of changes to its content, so that one during a redraw is not lost. */
  readonly news: Generated<number>;
  /** Hash of its content; null if unknown. An edit that would not change it is not sent. */
  readonly shown: string | null;
  /** The subscription whose mentions it contains; null: none. */
  readonly pinged: string | null;
  /** Id of the first message of a digest that continues over several; null for other messages. */
  readonly wave: number | null;
  /** 1: later deliveries are added to it. */
  readonly grows: 0 | 1;
  readonly created_at: Instant;
  /**
   * For a notice the platform id of the message that it replies to, and where: in the room or in a thread; null: it is
   * not a reply.
   */
  readonly answers: string | null;
  readonly answers_in: 'reply' | 'thread' | null;
  /** Content of a notice as a `Message` until it is sent; null for messages rendered from their deliveries. */
  readonly content: JsonText | null;
}

/** A subject in the digest of a wave. */
export interface DigestLinesTable {
  readonly subject: string;
  readonly message_id: number;
}

/** A subject whose message in a room is kept up to date. */
export interface CardsTable {
  readonly room_id: number;
  readonly subject: string;
  /** `gone`: the message was deleted in the room and is not sent again. */
  readonly state: 'open' | 'gone';
  readonly subscription: string;
  readonly template: string | null;
  readonly options: JsonText;
  /** The message that shows it, and its place in it; null: none yet. */
  readonly message_id: number | null;
  readonly slot: number | null;
  /** Time from which it needs a (new) message; null: it does not. */
  readonly due_at: Instant | null;
  /** Platform id of the message that its next one replies to, because that one can no longer be edited. */
  readonly answers: string | null;
  /** Keys of the facts that the room has from the card or from replies to it, as a list of texts. Other facts get a reply. */
  readonly announced: Generated<JsonText>;
  /** Our reactions to its message: a list of `{emoji, id}`. */
  readonly reactions: Generated<JsonText>;
  readonly created_at: Instant;
  /** 1: its message is in a room that this one replaced; later events go into a message here. */
  readonly moved: Generated<0 | 1>;
}

/** A Stack Exchange site from metasmoke's API. */
export interface SitesTable {
  readonly id: number;
  readonly name: string;
  readonly domain: string | null;
  /** URL of its icon. */
  readonly logo: string | null;
  readonly fetched_at: Instant;
}

/** Details of a post from metasmoke's API that its events do not contain. */
export interface PostDetailsTable {
  readonly subject: string;
  readonly site_id: number | null;
  /** A list of `{name, weight}`; null: not in the answer. */
  readonly reasons: JsonText | null;
  /** Names of the users who flagged, by the id of the flag log. */
  readonly flaggers: JsonText;
  readonly fetched_at: Instant;
  /** Time at which the API denied a post that it should have had; null: it did not. */
  readonly absent_at: Instant | null;
}

/** A post whose details are to be fetched from the API. */
export interface WantedDetailsTable {
  readonly subject: string;
  /** The requested details: a list of `site`, `reasons`, `feedbacks`, `flags`, `post`. */
  readonly names: JsonText;
  readonly due_at: Instant;
  readonly tries: number;
  /** Time of the request. */
  readonly since: Instant;
}

/** One request that changes a room, stored before its first byte leaves. */
export interface SendsTable {
  readonly id: Generated<number>;
  readonly message_id: number;
  readonly room_id: number;
  readonly subject: string;
  readonly kind: SendKind;
  /** Platform id of the message that an edit, reply, reaction or redaction applies to. */
  readonly target: string | null;
  readonly payload: string;
  readonly key: string;
  readonly account: string;
  readonly device: string;
  readonly first_attempt_at: Instant;
  readonly last_attempt_at: Instant;
  /** Part of the time since then that counts towards the 24 hours, ms. */
  readonly counted_ms: number;
  readonly attempts: number;
  readonly state: SendState;
  readonly reason: string | null;
  readonly due_at: Instant;
  readonly settled_at: Instant | null;
}

/** One subscription made by a command; those of the configuration are only in its file. */
export interface SubscriptionsTable {
  /** Increases with each row. */
  readonly seq: Generated<number>;
  /** The `subscriptionId` of its content: the same as in a file that it is pasted into. Unique. */
  readonly id: string;
  /** The room's written address, as in `rooms`. */
  readonly address: string;
  /** An event spec. */
  readonly events: string;
  readonly where: string | null;
  readonly template: string | null;
  /** The platform's id of the person who made it. */
  readonly author: string;
  readonly created_at: Instant;
}

/** A pause of a room, or of some events in it. A delivery that it stopped keeps its id as text in `mute`. */
export interface MutesTable {
  readonly id: Generated<number>;
  readonly room_id: number;
  /** An event spec; null: the whole room. */
  readonly events: string | null;
  readonly where: string | null;
  /** An event spec: events that it lets through; null: none. */
  readonly except: string | null;
  readonly until: Instant;
  /** The platform's id of a person, or `quiet hours`. */
  readonly author: string;
  readonly reason: string | null;
  readonly created_at: Instant;
  /** Null while it is active. */
  readonly ended_at: Instant | null;
  /** `time`, or the person who ended it early. */
  readonly ended_by: string | null;
}

/** Recurring quiet hours made by a command; those of the configuration are only in its file. */
export interface QuietHoursTable {
  readonly id: Generated<number>;
  readonly room_id: number;
  /** `22:00-07:00` */
  readonly hours: string;
  /** The weekdays on which they begin: `mon-fri`. */
  readonly days: string;
  /** IANA name; null: the time zone of the room. */
  readonly timezone: string | null;
  /** An event spec; null: the whole room. */
  readonly events: string | null;
  /** An event spec: events that they let through; null: none. */
  readonly except: string | null;
  /** The platform's id of the person who made them. */
  readonly author: string;
  readonly created_at: Instant;
}

/** One change made by a command. */
export interface AuditTable {
  readonly id: Generated<number>;
  readonly at: Instant;
  /** `<platform>:<address>` of the room of the command. */
  readonly address: string;
  readonly author: string;
  /** The command's name. */
  readonly command: string;
  /** Description of the change for people. */
  readonly what: string;
}

/** A command that was run, so that it is not repeated if it is received again after a crash. */
export interface HandledCommandsTable {
  /** `matrix:$event_id`, `discord:<interaction id>`. */
  readonly key: string;
  /** Its answer. */
  readonly answer: JsonText;
  readonly at: Instant;
}

/** A time in which events of the source may have been missed. */
export interface GapsTable {
  readonly id: Generated<number>;
  readonly source: string;
  readonly from_at: Instant;
  readonly until_at: Instant;
  readonly reason: string;
  /** The part that cannot be fetched; null: none. */
  readonly lost: string | null;
  /** Number of rows from the API so far; null: not requested, or no answer yet. */
  readonly fetched: number | null;
  /** Start of the part that is still to be fetched; null: none. */
  readonly open_from: Instant | null;
  /** Number of incomplete readings of the API. */
  readonly tries: Generated<number>;
  /** The reason for the last incomplete reading; null: not requested yet, or complete. */
  readonly problem: string | null;
  /** Time when operators were notified that it is open; null: they were not. */
  readonly told_at: Instant | null;
}

/** The highest id of a model among the deleted events. Older rows were not missed. */
export interface HighWaterMarksTable {
  readonly source: string;
  readonly model: string;
  readonly row_id: number;
}

/** A source that was subscribed at least once. */
export interface SourcesTable {
  readonly name: string;
  /**
   * When the source was first subscribed. Anything after this that did not arrive counts as missed, even if no event
   * ever arrived.
   */
  readonly first_heard_at: Instant;
  /**
   * Everything that it sent before this instant is in the store, except for known gaps; null: stored by an older
   * version without this column.
   */
  readonly heard_until: Instant | null;
}

/** The `lookout run` that uses the database; no row: none. */
export interface RunLockTable {
  /** The token in its lock file. */
  readonly token: number;
  /** Its process id. */
  readonly process: number;
}

/** The state of a post with more events than are read at once, folded up to one of them. */
export interface PostFoldsTable {
  readonly subject: string;
  /** The id of the last event in the fold. */
  readonly through_event: number;
  /** Numbers of rows by kind (`Counts`). */
  readonly counts: JsonText;
  /** The arrival of its report (`Report`); null: none arrived. */
  readonly report: JsonText | null;
  readonly changed_at: Instant;
}

/** A row that belongs to a post with a fold. */
export interface PostRowsTable {
  readonly subject: string;
  readonly role: Role;
  readonly row_id: string;
  /** The known values of its columns (`Layers`). */
  readonly layers: JsonText;
  readonly is_destroyed: 0 | 1;
  readonly first_at: Instant;
  /** Rows of a post are ordered by the time they were made, then by their ids, as numbers if possible, then as texts. */
  readonly made_at: Instant;
  readonly row_number: number;
  /** The kind that it counts as (`Kind`), unless its person has a newer one; null: it does not count. */
  readonly kind: string | null;
  /** The person who gave the feedback, while it has a kind; null if it is not a feedback. */
  readonly person: string | null;
  /** 1: it counts. */
  readonly counts: 0 | 1;
}

export interface Tables {
  readonly events: EventsTable;
  readonly rooms: RoomsTable;
  readonly accounts: AccountsTable;
  readonly deliveries: DeliveriesTable;
  readonly messages: MessagesTable;
  readonly sends: SendsTable;
  readonly cards: CardsTable;
  readonly digest_lines: DigestLinesTable;
  readonly sites: SitesTable;
  readonly post_details: PostDetailsTable;
  readonly wanted_details: WantedDetailsTable;
  readonly post_folds: PostFoldsTable;
  readonly post_rows: PostRowsTable;
  readonly subscriptions: SubscriptionsTable;
  readonly mutes: MutesTable;
  readonly quiet_hours: QuietHoursTable;
  readonly audit: AuditTable;
  readonly handled_commands: HandledCommandsTable;
  readonly gaps: GapsTable;
  readonly high_water_marks: HighWaterMarksTable;
  readonly sources: SourcesTable;
  readonly run_lock: RunLockTable;
}

export type Database = Kysely<Tables>;
/** Use this inside a transaction, never the database: a call of the database would wait for this transaction to end. */
export type Trx = Transaction<Tables>;
