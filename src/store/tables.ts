import type { Generated, Kysely, Transaction } from 'kysely';
import type { DeliveryState, EventType, MessageKind, Origin, PlatformName, SendKind } from '../words.ts';

/** Unix milliseconds. */
type Instant = number;
/** JSON text. */
type JsonText = string;

/** `failed`: our own code broke on it; `retry`: the operator asked for another try, the running process takes it up; `dropped`: the operator gave it up. */
export type StoredEventState = 'routed' | 'failed' | 'retry' | 'dropped';

/**
 * `pending`: stored, and the platform may have it or may not. A send that was certainly not accepted is deleted, not kept:
 * its deliveries wait and are planned anew. `dead` is a dead letter.
 */
export type SendState = 'pending' | 'sent' | 'dead' | 'dropped';

/** One event as it reached us, with its identity (promise 2). */
export interface EventsTable {
  readonly id: Generated<number>;
  readonly source: string;
  readonly model: string;
  readonly class: string;
  readonly row_id: string | null;
  readonly type: EventType;
  readonly subject: string;
  readonly updated_at: string | null;
  readonly received_at: Instant;
  readonly origin: Origin;
  readonly object: JsonText;
  /** What makes it this event and no other; null once it was forgotten. Unique. */
  readonly identity: string | null;
  /** When the identity is forgotten; null: never. */
  readonly forget_at: Instant | null;
  readonly state: StoredEventState;
  readonly failure: string | null;
  /** Of a derived event the id of the one that it was concluded from; null where time alone led to it. */
  readonly trigger_id: number | null;
}

/** One room, known by its key `<platform>:<account id>:<resolved address>`. */
export interface RoomsTable {
  readonly id: Generated<number>;
  readonly key: string;
  /** The address as the configuration writes it: `matrix:#alias:server`. Unique. */
  readonly address: string;
  readonly name: string;
  readonly platform: PlatformName;
  /** The address that sends use; null until it was resolved once. */
  readonly resolved: string | null;
  /** 1 while the configuration names it; deliveries of a room that left are parked. */
  readonly configured: 0 | 1;
}

/** How far we have synced, for each account and device. */
export interface AccountsTable {
  readonly platform: PlatformName;
  readonly account: string;
  /** '' where the platform has no devices. */
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
  /** Why it waits (`parked`, `awaits post`), why it was cancelled or is dead. */
  readonly reason: string | null;
  readonly subscription: string;
  readonly template: string | null;
  readonly options: JsonText;
  readonly due_at: Instant;
  /** 1: `due_at` has come. Whatever sets `due_at` to a later instant sets 0; the room's worker sets 1 when it has come. */
  readonly ready: 0 | 1;
  /** Its place in its subject (`subjects/order.ts`): by this, then by the rank, then by the event's id; null for a destroy. */
  readonly order_at: Instant | null;
  readonly order_rank: number;
  /** Its subject goes before those with a higher number. */
  readonly priority: number;
  /** 1: it may share no message, since one that it shared was rejected. */
  readonly alone: 0 | 1;
  /** The instant (Unix milliseconds) from which on the long gap was fetched that it belongs to: told of in one digest. */
  readonly catch_up: Instant | null;
  /** Why the condition of its subscription could not be evaluated, which counts as matched; null: it was. */
  readonly condition_failed: string | null;
  /** The link of the post that it reports, if a later report of that link is to be left out; null for every other delivery. */
  readonly link: string | null;
  readonly mute: string | null;
  readonly message_id: number | null;
  readonly slot: number | null;
  /** Carried from send to send, so that planning anew does not restart the 24 hours. */
  readonly attempts: number;
  readonly first_attempt_at: Instant | null;
  readonly last_attempt_at: Instant | null;
  readonly counted_ms: number;
  readonly settled_at: Instant | null;
}

/** One thing that a room shows. */
export interface MessagesTable {
  readonly id: Generated<number>;
  readonly room_id: number;
  readonly subject: string;
  readonly kind: MessageKind;
  readonly platform_id: string | null;
  /** From when on it is drawn anew, since something happened to what it shows; null: it shows all that is known. */
  readonly redraw_at: Instant | null;
  /** Grows each time that something happens to what it shows: what comes while it is being drawn is not overlooked. */
  readonly news: Generated<number>;
  /** A hash of what it shows; null where that is not known. What would look the same is not sent. */
  readonly shown: string | null;
  /** The subscription for which it pinged somebody; null: nobody was pinged. */
  readonly pinged: string | null;
  /** Of a digest that goes on over several messages the id of the first; null for every other message. */
  readonly wave: number | null;
  /** 1: what comes next is put into it. */
  readonly grows: 0 | 1;
  readonly created_at: Instant;
  /** Of a notice the platform id of the message that it answers, and where: in the room or in a thread; null: it answers none. */
  readonly answers: string | null;
  readonly answers_in: 'reply' | 'thread' | null;
  /** A notice's text as a `Message`, until it was sent; null for what is rendered from its deliveries. */
  readonly content: JsonText | null;
}

/** A subject that a digest of a wave shows. */
export interface DigestLinesTable {
  readonly subject: string;
  readonly message_id: number;
}

/** A subject that a room shows in a message which stays up to date. */
export interface CardsTable {
  readonly room_id: number;
  readonly subject: string;
  /** `gone`: somebody deleted it in the room, and it does not come back. */
  readonly state: 'open' | 'gone';
  readonly subscription: string;
  readonly template: string | null;
  readonly options: JsonText;
  /** The message that shows it, and its place in it; null: none does yet. */
  readonly message_id: number | null;
  readonly slot: number | null;
  /** From when on it needs a (new) message; null: it does not. */
  readonly due_at: Instant | null;
  /** The platform id of the message that its next one answers, since that one cannot be changed any more. */
  readonly answers: string | null;
  /** Keys of the facts that the room knows from the card or from answers to it: a list of texts. Facts beside them get an answer. */
  readonly announced: Generated<JsonText>;
  /** Our reactions to its message: a list of `{emoji, id}`. */
  readonly reactions: Generated<JsonText>;
  readonly created_at: Instant;
  /** 1: its message stands in a room that was replaced by this one; what happens next goes into a message here. */
  readonly moved: Generated<0 | 1>;
}

/** A site of Stack Exchange, as metasmoke's API told of it. */
export interface SitesTable {
  readonly id: number;
  readonly name: string;
  readonly domain: string | null;
  /** Where its icon is. */
  readonly logo: string | null;
  readonly fetched_at: Instant;
}

/** What metasmoke's API told of a post beyond what its events do. */
export interface PostDetailsTable {
  readonly subject: string;
  readonly site_id: number | null;
  /** A list of `{name, weight}`; null: not told. */
  readonly reasons: JsonText | null;
  /** Who flagged, by the id of the flag log. */
  readonly flaggers: JsonText;
  readonly fetched_at: Instant;
}

/** A post about which the API is to be asked. */
export interface WantedDetailsTable {
  readonly subject: string;
  /** What is wanted: a list of `site`, `reasons`, `feedbacks`, `flags`, `post`. */
  readonly names: JsonText;
  readonly due_at: Instant;
  readonly tries: number;
  /** Since when it is wanted. */
  readonly since: Instant;
}

/** One request that changes a room, stored before its first byte leaves. */
export interface SendsTable {
  readonly id: Generated<number>;
  readonly message_id: number;
  readonly room_id: number;
  readonly subject: string;
  readonly kind: SendKind;
  /** The platform id of what an edit, reply, reaction or redaction is about. */
  readonly target: string | null;
  readonly payload: string;
  readonly key: string;
  readonly account: string;
  readonly device: string;
  readonly first_attempt_at: Instant;
  readonly last_attempt_at: Instant;
  /** How much of the time since then counts towards the 24 hours. */
  readonly counted_ms: number;
  readonly attempts: number;
  readonly state: SendState;
  readonly reason: string | null;
  readonly due_at: Instant;
  readonly settled_at: Instant | null;
}

/** One subscription made by a command; those of the configuration are in its file alone. */
export interface SubscriptionsTable {
  /** Grows with age. */
  readonly seq: Generated<number>;
  /** What `subscriptionId` gives for its content: the same as in a file that it is pasted into. Unique. */
  readonly id: string;
  /** The room's written address, as in `rooms`. */
  readonly address: string;
  /** An event spec. */
  readonly events: string;
  readonly where: string | null;
  readonly template: string | null;
  /** Who made it: the platform's id of a person. */
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
  readonly until: Instant;
  /** The platform's id of a person, or `quiet hours`. */
  readonly author: string;
  readonly reason: string | null;
  readonly created_at: Instant;
  /** Null while it holds. */
  readonly ended_at: Instant | null;
  /** `time`, or who ended it early. */
  readonly ended_by: string | null;
}

/** One change that somebody made by a command. */
export interface AuditTable {
  readonly id: Generated<number>;
  readonly at: Instant;
  /** `<platform>:<address>` of the room that it was said in. */
  readonly address: string;
  readonly author: string;
  /** The command's name. */
  readonly command: string;
  /** What changed, for people. */
  readonly what: string;
}

/** A command that was run, so that it is not run again when it comes again after a crash. */
export interface HandledCommandsTable {
  /** `matrix:$event_id`, `discord:<interaction id>`. */
  readonly key: string;
  /** What was answered. */
  readonly answer: JsonText;
  readonly at: Instant;
}

/** A time in which the source could not tell us what happened. */
export interface GapsTable {
  readonly id: Generated<number>;
  readonly source: string;
  readonly from_at: Instant;
  readonly until_at: Instant;
  readonly reason: string;
  /** What of it cannot be fetched; null: nothing. */
  readonly lost: string | null;
  /** How many rows the API had of it, so far; null: not asked, or no answer yet. */
  readonly fetched: number | null;
  /** From then on it is still to be fetched; null: nothing of it is. */
  readonly open_from: Instant | null;
  /** How often the API was asked for it without giving all. */
  readonly tries: Generated<number>;
  /** Why it did not the last time; null: it was not asked yet, or gave all. */
  readonly problem: string | null;
  /** When operators were told that it is not fetched yet; null: they were not. */
  readonly told_at: Instant | null;
}

/** The highest id of a model among the events that were let go: what is older was not missed. */
export interface HighWaterMarksTable {
  readonly source: string;
  readonly model: string;
  readonly row_id: number;
}

/** A source that told us once. */
export interface SourcesTable {
  readonly name: string;
  /** From then on what it does not tell us was missed, also where no event ever came. */
  readonly first_heard_at: Instant;
  /** All that it told before then is in the store, but for what a gap tells of; null: an older Lookout did not note it. */
  readonly heard_until: Instant | null;
}

/** The `lookout run` that works on the database; no row: none does. */
export interface RunLockTable {
  /** Equal to the one in its lock file. */
  readonly token: number;
  /** Its id. */
  readonly process: number;
}

/** How a post stands that has more events than are read at once: folded up to one of them. */
export interface PostFoldsTable {
  readonly subject: string;
  /** The id of the last event that is folded in. */
  readonly through_event: number;
  /** How many rows count as what (`Counts`). */
  readonly counts: JsonText;
  /** When, and how, its report reached us (`Report`); null: it did not. */
  readonly report: JsonText | null;
  readonly changed_at: Instant;
}

/** A row that says something of a post with a fold. */
export interface PostRowsTable {
  readonly subject: string;
  readonly model: string;
  readonly row_id: string;
  /** The known values of its columns (`Layers`). */
  readonly layers: JsonText;
  readonly is_destroyed: 0 | 1;
  readonly first_at: Instant;
  /** Rows of a post stand in the order of when they were made, then of their ids, as numbers if they are some, then as texts. */
  readonly made_at: Instant;
  readonly row_number: number;
  /** The kind that it counts as (`Kind`), unless its person has a newer one; null: it does not count. */
  readonly kind: string | null;
  /** The person whose feedback it is, while it has a kind; null if it is not a feedback. */
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
  readonly audit: AuditTable;
  readonly handled_commands: HandledCommandsTable;
  readonly gaps: GapsTable;
  readonly high_water_marks: HighWaterMarksTable;
  readonly sources: SourcesTable;
  readonly run_lock: RunLockTable;
}

export type Database = Kysely<Tables>;
/** Inside a transaction use this and never the database: that call would wait for itself. */
export type Trx = Transaction<Tables>;
