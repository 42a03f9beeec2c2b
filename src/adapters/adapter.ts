import type { Message } from '../render/message.ts';
import type { Platform } from '../words.ts';

/** How far a wait reaches: this message alone, its room, or every room of the account. */
export type WaitScope = 'message' | 'room' | 'account';

/**
 * What a platform answered to a send. The worker decides by it, and by nothing else, what happens next.
 *
 * - `sent`: the room shows it.
 * - `notAccepted`: it certainly did not happen (429, refused connection): the payload is discarded and planned anew after the wait.
 * - `unknown`: it may have happened (time-out, connection lost after writing, 5xx): the same bytes are repeated with the same key.
 * - `rejected`: this message will never do (400): a dead letter; the room goes on.
 * - `roomBroken`: the room will not take anything (403, 404, encrypted): it pauses, its deliveries stay.
 * - `accountBroken`: nothing of this account works (401): all its rooms pause.
 *
 * `reason` is for people and logs: it holds no token and no more than the platform's own error code and text.
 */
export type SendResult =
  | { readonly outcome: 'sent'; readonly platformId: string }
  | { readonly outcome: 'notAccepted'; readonly waitMs: number; readonly scope: WaitScope; readonly reason: string }
  | { readonly outcome: 'unknown'; readonly waitMs: number; readonly reason: string }
  | { readonly outcome: 'rejected'; readonly reason: string }
  | { readonly outcome: 'roomBroken'; readonly reason: string }
  | { readonly outcome: 'accountBroken'; readonly reason: string };

/** Who we are on a platform. A key protects only while account and device stay the same. */
export interface Account {
  /** The platform's id of the account: `@bot:example.org`, `console`. */
  readonly id: string;
  /** The device that transaction ids belong to; null where the platform has none. */
  readonly device: string | null;
}

export type LoginResult =
  | { readonly outcome: 'ready'; readonly account: Account }
  | { readonly outcome: 'accountBroken'; readonly reason: string }
  | { readonly outcome: 'later'; readonly waitMs: number; readonly reason: string };

export type ResolveResult =
  | { readonly outcome: 'resolved'; readonly address: string }
  | { readonly outcome: 'roomBroken'; readonly reason: string }
  | { readonly outcome: 'accountBroken'; readonly reason: string }
  | { readonly outcome: 'later'; readonly waitMs: number; readonly reason: string };

/** Where a send stands in the room, looked for by its key. */
export type FindResult =
  | { readonly outcome: 'found'; readonly platformId: string }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'unreadable'; readonly reason: string }
  | { readonly outcome: 'later'; readonly waitMs: number; readonly reason: string };

/** One request that changes a room, exactly as it was stored before its first byte left. */
export interface SendRequest {
  /** The resolved address: a room id, never an alias. */
  readonly room: string;
  /** 22 characters of base64url; Matrix transaction id, Discord nonce. */
  readonly key: string;
  /** What `format` gave for this room and key. */
  readonly payload: string;
  /** The platform's id of the message that the payload takes the place of; without it a new message comes. */
  readonly edits?: string | null;
}

/** Several messages in one. */
export interface Together {
  readonly payload: string;
  /** How many of them it shows, from the first on; at least one. */
  readonly carried: number;
}

export interface FindRequest {
  readonly room: string;
  readonly key: string;
  /** What was sent: where the platform had no place for a mark in it, it cannot be found. */
  readonly payload: string;
  /** The send's first attempt, Unix milliseconds: nothing older needs to be read. */
  readonly since: number;
}

/** The code for one chat platform. Its methods never throw for anything that a platform, a network or a spammer does. */
export interface Adapter {
  readonly platform: Platform;
  /** For how long after the first attempt a repeated key makes no second message, in milliseconds. */
  readonly idempotentForMs: number;
  /** Finds out who we are and starts listening (invitations). May be called again after `later` or `accountBroken`. */
  login(signal: AbortSignal): Promise<LoginResult>;
  /** Turns a written address (an alias) into the one that sends use, and makes sure that we may speak there (joins). */
  resolve(address: string, signal: AbortSignal): Promise<ResolveResult>;
  /**
   * The platform's payload for a message in a room (a resolved address: rooms may differ in what can be shown there), within
   * every limit, with the key as its mark. Asks nobody and changes nothing.
   */
  format(message: Message, key: string, room: string): string;
  /** How many messages `together` may be given. */
  readonly togetherAtMost: number;
  /** About how much text the body of a message may have in a room, in UTF-16 units, markup included. */
  bodyUnits(room: string): number;
  /** One payload for as many of the messages as it has room for, in their order, none of them cut short for the others' sake. */
  together(messages: readonly Message[], key: string, room: string): Together;
  /** A request that edits may be repeated whenever its answer was not clear: it makes no second message. */
  send(request: SendRequest, signal: AbortSignal): Promise<SendResult>;
  find(request: FindRequest, signal: AbortSignal): Promise<FindResult>;
  /** Ends what `login` started. Leaves no timer or socket behind. */
  stop(): Promise<void>;
}
