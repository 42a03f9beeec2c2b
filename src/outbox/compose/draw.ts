import type { Message } from '../../render/message.ts';
import type { Facts } from '../../subjects/facts.ts';
import type { Event } from '../../words.ts';
import type { StoredRoom } from '../rows/rooms.ts';

/** A subject as a card shows it. */
export interface DrawnCard {
  readonly subject: string;
  readonly template: string | null;
}

/** A card as it is drawn now. */
export interface CardMessage {
  readonly message: Message;
  /** True if its post was deleted, or its report removed or never there: it needs no attention any more. */
  readonly isOver: boolean;
}

/** Turns stored events and states into messages. */
export interface Draw {
  /** Draws one event by itself, with what the store knows about the rows that it names. */
  event(event: Event, template: string | null, room: StoredRoom): Promise<Message>;
  /** Draws what the message of an event says about its row, to be compared with other messages about that row, not to be shown. */
  content(event: Event, template: string | null, room: StoredRoom): Promise<Message>;
  /** Draws the current state of a subject. */
  card(card: DrawnCard, room: StoredRoom): Promise<CardMessage>;
  /** Returns the source's page for an event; null: there is none. */
  pageOf(event: Event): string | null;
  /** Returns the posts of these whose titles a room hides. */
  hidden(subjects: readonly string[], room: StoredRoom): Promise<ReadonlySet<string>>;
  /** Returns the current facts about a subject that a room gets beyond its first message. */
  facts(subject: string): Promise<Facts>;
}
