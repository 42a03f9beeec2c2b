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
  /** True if its post was deleted, or its report removed: it needs no attention any more. */
  readonly isOver: boolean;
}

/** Turns what is stored into messages. */
export interface Draw {
  /** One event by itself. */
  event(event: Event, template: string | null, room: StoredRoom): Message;
  /** How a subject stands now. */
  card(card: DrawnCard, room: StoredRoom): Promise<CardMessage>;
  /** What a room is told of a subject beyond its first message, now. */
  facts(subject: string): Promise<Facts>;
}
