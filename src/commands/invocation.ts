import type { Message } from '../render/message.ts';
import type { AccountId, PlatformName } from '../words.ts';

/** The person who wrote a command. */
export interface Asker {
  /** The platform's id: `@a:example.org`, a Discord user id, `console`. */
  readonly id: string;
  /** Returns the name that they have there, foreign text; called when something is stored as theirs. Missing: none but their id. */
  readonly name?: () => Promise<string | null>;
  /** Ids of their roles; empty if the platform has no roles. */
  readonly roles: readonly string[];
  /** True if the platform itself lets them change the room (Manage Channels, `state_default` power), read afresh. */
  readonly manages: boolean;
  /** Their power in the room; null if the platform has no such thing, or if it could not be read. */
  readonly power: number | null;
}

/** A command as somebody wrote it, whatever chat it came from. */
export interface Invocation {
  /**
   * Identifies the invocation for ever: `matrix:$event_id`, `discord:<interaction id>`. A known key is not run
   * again: its stored answer is given again. Null if no invocation comes twice.
   */
  readonly key: string | null;
  readonly platform: PlatformName;
  /** The resolved address: a room id, a channel id, a console room's name. */
  readonly room: string;
  /** A conversation with the bot alone: no room of its own. */
  readonly direct: boolean;
  readonly asker: Asker;
  readonly said: Said;
  /** `counted`: the answer is one of the messages that the platform lets the account send; `free`: it is not. */
  readonly answered: 'counted' | 'free';
  /** The platform's id of the message that it replies to or was chosen on. */
  readonly about: string | null;
  /**
   * True if it was written before this process started: it is not run, and answered only if an earlier process ran it.
   * Missing: it was not.
   */
  readonly isOld?: boolean;
  /** True if a button or a menu was pressed, and nothing typed. Missing: false. */
  readonly pressed?: boolean;
  /** True if the asker can change the configuration, too, so that their commands are not counted. Missing: false. */
  readonly isOperator?: boolean;
}

/** An invocation, and the account that heard it: of another platform if it names a room there. */
export interface HeardInvocation extends Invocation {
  readonly account: AccountId;
}

export type Said =
  /** The text after the prefix. */
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'options'; readonly command: string; readonly options: Readonly<Record<string, string>> };

export interface Answer {
  /** Every text in it is literal, so hostile input is shown as it was written. */
  readonly message: Message;
  /** Meant for its asker alone, where the platform can. */
  readonly private: boolean;
  /** Commands that may be wanted next, for chats that have buttons. Missing: none. */
  readonly offers?: readonly Offer[];
  /** True if nothing was done, and the message says why. Missing: it was done. */
  readonly isRefused?: boolean;
  /** True if it goes behind all else that the account sends: its asker may not change anything. Missing: it does not. */
  readonly isLast?: boolean;
}

/** A command that one press runs. The words of the answer say it, too: not every chat has buttons. */
export interface Offer {
  readonly label: string;
  /** A command without the sign of a chat: `unmute m2`. At most 60 characters. */
  readonly line: string;
  /** The platform's id of the message that it is about; null if it is about none. */
  readonly about: string | null;
}
