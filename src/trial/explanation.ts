import type { Json, Origin } from '../words.ts';

/** The outcome of an event in every room, with the reasons. Printed by `lookout explain --json`. */
export interface ExplainedEvent {
  /** The line that holds it, from 1; null: it was derived by the clock. */
  readonly line: number | null;
  /** When it came, ISO 8601. */
  readonly at: string;
  /** `posts#create` */
  readonly event: string;
  readonly subject: string;
  readonly origin: Origin;
  /** Why no room gets it: it was known already, or our own code failed on it. Null: it was routed. */
  readonly leftOut: string | null;
  /** In the order of the configuration; empty if it was left out. */
  readonly rooms: readonly ExplainedRoom[];
}

/** The form in which a room gets an event. */
export type ShownAs = 'message' | 'card' | 'edit of a card' | 'digest';

export interface ExplainedRoom {
  /** Its name. */
  readonly room: string;
  /** `discord:123456789012345678` */
  readonly address: string;
  /** True if a message, card or digest brings it. */
  readonly gets: boolean;
  /** The reason as the end of a sentence. */
  readonly why: string;
  readonly as: ShownAs | null;
  /** Null if no subscription of the room matched. */
  readonly by: DecidingSubscription | null;
  /** The subscriptions that name the event and did not match before that one, in the order in which they are tried. */
  readonly unmatched: readonly TriedSubscription[];
}

export interface TriedSubscription {
  readonly id: string;
  /** Its line in the configuration; null: it was made by a command. */
  readonly line: number | null;
  readonly where: string | null;
  /** The fields that `where` names. A field that the row does not have is missing. */
  readonly values: Readonly<Record<string, Json>>;
}

export interface DecidingSubscription extends TriedSubscription {
  readonly template: string;
  /** The reason why `where` could not be evaluated, which counts as matched; null: it was. */
  readonly conditionFailed: string | null;
  /** For how long a message is held back, ms; null: it is not. */
  readonly holdMs: number | null;
  readonly unless: string | null;
}
