import type { EventObject, SentType } from '../words.ts';

/** An event in the format of the WebSocket API: the `message` of an Action Cable frame. */
export interface WireEvent {
  readonly event_type: SentType;
  /** The class name: `Post`, `FlagLog`. */
  readonly event_class: string;
  /** The whole row. */
  readonly object: EventObject;
}
