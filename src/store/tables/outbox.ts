import type { Generated } from 'kysely';
import type { DeliveryState, MessageKind, SendKind } from '../../words.ts';
import type { Instant, JsonText } from './columns.ts';

/**
 * `pending`: stored, and the platform may or may not have it. A send that was certainly not accepted is deleted: its
 * deliveries wait and are planned again. `dead` is a dead letter.
 */
export type SendState = 'pending' | 'sent' | 'dead' | 'dropped';

/** One event for one room. */
export interface DeliveriesTable {
  readonly id: Generated<number>;
  readonly event_id: number;
  readonly room_id: number;
  readonly subject: string;
  readonly state: DeliveryState;
  /** The reason for waiting (`parked`, `awaits post`, `awaits details`, `awaits name`), for cancelling or for its death. */
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
  /** Subject of the report that the room has instead, of the same link; null: this one is not left out for another. */
  readonly left_out_for: string | null;
  /**
   * `<model> <row id>` of its event, if its subscription sends updates of that row too: an update that repeats the last
   * message about the row is not sent. Null: it is not compared.
   */
  readonly row_key: string | null;
  /** Hash of what its message says about the row (`compose/repeats.ts`); null if that is unknown, as in a digest. */
  readonly content: string | null;
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
  /** Time from which it must be redrawn because something it shows has changed; null: it is up to date. Of a notice that waits: time before which it is not sent. */
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
  /** The payload as it left, encrypted; empty: it is to be encrypted, and nothing of it left; null: it goes as it is. */
  readonly sealed: Generated<string | null>;
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

/** The way out: deliveries, messages, cards and sends. */
export interface OutboxTables {
  readonly deliveries: DeliveriesTable;
  readonly messages: MessagesTable;
  readonly digest_lines: DigestLinesTable;
  readonly cards: CardsTable;
  readonly sends: SendsTable;
}
