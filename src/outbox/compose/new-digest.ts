import type { Message } from '../../render/message.ts';
import type { NewMessage, Planned } from '../rows/store-send.ts';

/** What becomes of a digest next. */
export interface Digest extends Pick<Planned, 'deliveries' | 'message'> {
  /** The whole message as it is to be. */
  readonly content: Message;
}

/** A digest that a room does not show yet. */
export function digestOf(subject: string): Omit<NewMessage, 'wave'> {
  return { subject, kind: 'digest', answers: null, pinged: null, cards: 'none', told: [] };
}
