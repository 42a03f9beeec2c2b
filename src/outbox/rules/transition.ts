import type { TargetTrouble, WaitScope } from '../../adapters/adapter.ts';
import type { SendKind } from '../../words.ts';

/** A send whose answer came, with its history. */
export interface Attempted {
  /** Id of its row: 12 for the dead letter `s12`. */
  readonly id: number;
  /** Name of its room. */
  readonly room: string;
  readonly kind: SendKind;
  /** Attempts so far, this one included. If there were others, none of them had a clear answer: the room may show the message. */
  readonly attempts: number;
  /** Time that counts towards the 24 hours, ms. */
  readonly countedMs: number;
  /** Number of deliveries that it carries; 0 for a notice. */
  readonly deliveries: number;
  /** Number of sends of the room directly before this one whose answer was not clear; of a change, those of its kind. */
  readonly unclear: number;
}

/** Everything that follows from an answer. The rows are written first; the rest is done after the commit. */
export interface Transition {
  /** The change of the send, its message and its deliveries. */
  readonly step: SendStep;
  /** The pause of what lies around the send. */
  readonly pause: Pause;
  /** Delay before the room's next send, ms, or before its next change of this kind; 0: none. */
  readonly restMs: number;
  /** `Attempted.unclear` for the room's next send. */
  readonly unclear: number;
  /** True if the platform accepted the send just now. */
  readonly isAccepted: boolean;
  readonly log: readonly LogLine[];
  /** A notice to the operators; null: none. */
  readonly notice: { readonly cause: string; readonly text: string } | null;
  /** The state of the room, by the answer; null: it does not show that. */
  readonly flow: Flow | null;
}

/** The change of a send, its message and its deliveries. */
export type SendStep =
  /** The room shows the message. */
  | { readonly kind: 'settle'; readonly platformId: string }
  /** The room certainly does not show it: payload and key are discarded, and its deliveries are due after the wait (null: as before). */
  | { readonly kind: 'planAnew'; readonly waitMs: number | null }
  /** The room may show it: the same bytes are sent again with the same key. Until then the subject waits, not the room. */
  | { readonly kind: 'repeat'; readonly waitMs: number }
  /** The room certainly does not show it, and one of its deliveries may be the cause: each is tried alone. */
  | { readonly kind: 'split'; readonly reason: string }
  /** The message that it was to change stays as it is: it was deleted, is too old, or does not take the change. */
  | { readonly kind: 'leave'; readonly reason: string; readonly target: TargetTrouble | null }
  | { readonly kind: 'deadLetter'; readonly reason: string };

/** The pause of what lies around a send. */
export type Pause =
  | { readonly scope: 'none' }
  | { readonly scope: Exclude<WaitScope, 'change'>; readonly waitMs: number }
  /** Sends of this kind wait; new messages go out. */
  | { readonly scope: 'change'; readonly kind: SendKind; readonly waitMs: number }
  | { readonly scope: 'brokenRoom'; readonly reason: string }
  | { readonly scope: 'brokenAccount'; readonly reason: string };

/** The state of a room: messages go through, or wait. `cause` is equal for what an operator would call the same trouble. */
export type Flow =
  | { readonly state: 'goesOn' }
  | { readonly state: 'waits'; readonly cause: string; readonly reason: string };

export interface LogLine {
  readonly level: 'debug' | 'warn' | 'error';
  readonly text: string;
  readonly reason: string | null;
}
