import type { Command } from '../commands/command.ts';
import type { Choice, Completion } from '../commands/complete.ts';
import type { Answer, Invocation } from '../commands/invocation.ts';
import type { Message } from '../render/message.ts';
import type { EncryptionChanges, MessageIndex } from '../store/encryption-state.ts';
import type { Mention, PlatformName, SendKind } from '../words.ts';

/**
 * The reach of a wait: this message alone, this kind of change (edits, reactions, threads) in its room, its room, or every room of
 * the account.
 */
export type WaitScope = 'message' | 'change' | 'room' | 'account';

/**
 * The answer of a platform to a send. The worker decides by it, and by nothing else, what happens next.
 *
 * - `sent`: the room shows it.
 * - `notAccepted`: it certainly did not happen (429, refused connection): the payload is discarded and planned anew after the wait.
 * - `unknown`: it may have happened (time-out, connection lost after writing, 5xx): the same bytes are repeated with the same key.
 * - `rejected`: this message will never do (400): a dead letter; the room goes on.
 * - `roomBroken`: the room will not take anything (403, 404): it pauses, its deliveries stay.
 * - `accountBroken`: nothing of this account works (401): all its rooms pause.
 *
 * `reason` is for people and logs: it holds no token and no more than the platform's own error code and text.
 */
export type SendResult =
  | { readonly outcome: 'sent'; readonly platformId: string }
  | { readonly outcome: 'notAccepted'; readonly waitMs: number; readonly scope: WaitScope; readonly reason: string }
  | { readonly outcome: 'unknown'; readonly waitMs: number; readonly reason: string }
  | {
      readonly outcome: 'rejected';
      readonly reason: string;
      readonly target?: TargetTrouble;
      /** A filter refuses the text: without it the message may do. */
      readonly isFiltered?: true;
    }
  | { readonly outcome: 'roomBroken'; readonly reason: string }
  | { readonly outcome: 'accountBroken'; readonly reason: string };

/**
 * The problem with the message that a send was about, if it was rejected for that: it was deleted, or it is too old
 * to be changed (Discord 30046).
 */
export type TargetTrouble = 'gone' | 'tooOld';

/** Our account on a platform. A key protects only while account and device stay the same. */
export interface Account {
  /** The platform's id of the account: `@bot:example.org`, `console`. */
  readonly id: string;
  /** The device that transaction ids belong to; null if the platform has none. */
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

/**
 * The effect of a request on a room. `target` is the platform's id of the message that it is about; of a `redact` the id that its
 * `react` got.
 *
 * - `create`: a new message.
 * - `edit`: the payload takes the place of the message.
 * - `reply`: a new message that answers the other.
 * - `thread`: a new message in the thread that the other begins, which is opened where there is none.
 * - `react`: the payload is put to the message as a reaction of ours: an emoji, as text.
 * - `redact`: a reaction of ours is taken away again; the payload counts for nothing.
 */
export type SendAction =
  | { readonly kind: 'create' }
  | { readonly kind: Exclude<SendKind, 'create'>; readonly target: string };

/** One request that changes a room, exactly as it was stored before its first byte left. */
export interface SendRequest {
  /** The resolved address: a room id, never an alias. */
  readonly room: string;
  /** 22 characters of base64url; Matrix transaction id, Discord nonce. */
  readonly key: string;
  /** The result of `format` for this room and key; the emoji of a reaction. */
  readonly payload: string;
  /** Without it a new message comes. */
  readonly action?: SendAction;
  /**
   * True if the message shows one thing: if a content filter refuses it, it is sent once more without its text. One that shows
   * several is not, since each of them can be sent alone.
   */
  readonly isAlone?: boolean;
  /** The payload as it left in an earlier attempt, encrypted: the same bytes are sent again. Null: it was not encrypted. */
  readonly sealed?: string | null;
  /** Stores the encrypted payload, before its first byte leaves. Rejects if that fails: then nothing is sent. */
  readonly storeSealed?: (sealing: Sealing) => Promise<void>;
}

/** An encrypted payload that was not sent yet. */
export interface Sealing {
  readonly payload: string;
  readonly index: MessageIndex;
  /**
   * Returns what the encryption changed and did not keep yet: it must be written in the transaction that stores the payload. Else
   * another message would be encrypted with the same key after a crash. Call it within the transaction.
   */
  changes(): EncryptionChanges;
  /** The changes are stored. */
  stored(changes: EncryptionChanges): void;
}

/** Several messages in one. */
export interface Together {
  readonly payload: string;
  /** The number of them that it shows, from the first on; at least one. */
  readonly carried: number;
}

export interface FindRequest {
  readonly room: string;
  readonly key: string;
  /** The payload that was sent: if the platform had no place for a mark in it, it cannot be found. */
  readonly payload: string;
  /** The send's first attempt, Unix milliseconds: nothing older needs to be read. */
  readonly since: number;
  /** The action that was sent; a message in a thread is looked for there. */
  readonly action?: SendAction;
  /** The platform's id of the account that sent it, which may be another one than the present. Missing: the present one. */
  readonly author?: string;
}

/** When an answer to a command may go among all else that the account sends, if the platform counts them together. */
export interface AnswerTurns {
  /** True if the platform told the account to wait a moment ago: then everything takes turns. */
  readonly isLimited: boolean;
  /** Resolves with what ends the turn, at once if nothing limits the account; null once `signal` is aborted. */
  take(rank: 'usual' | 'last', signal: AbortSignal): Promise<(() => void) | null>;
  /** The platform told the account to wait. */
  limited(waitMs: number): void;
}

/** A room of any platform, for a command about it. */
export interface NamedRoom {
  readonly platform: PlatformName;
  /** As written, without the platform's name. */
  readonly room: string;
}

/** The part of the program that an adapter tells what people write and what happens to rooms. */
export interface Listener {
  /** The commands that can be offered to people. */
  readonly table: readonly Command[];
  /** The platform's rooms that are known at the start, as written, without the platform's name. */
  readonly rooms: readonly string[];
  readonly turns: AnswerTurns;
  /** Runs a command. Null: it gets no answer. */
  run(invocation: Invocation): Promise<Answer | null>;
  complete(completion: Completion): Promise<readonly Choice[]>;
  /** True if nothing is read of a person now, since they wrote too much. */
  ignores(asker: string): boolean;
  /** True if a line is answered that begins with a sign of other bots too, and so may be meant for one of them: `play song`. */
  isForUs(line: string): boolean;
  /** The names of the rooms of the configuration, on any platform. */
  readonly roomNames: readonly string[];
  /** Returns the room that a person means by its name, in any case, or address in the configuration, on any platform; null: there is none. */
  namedRoom(word: string): NamedRoom | null;
  /** Returns what to say to a room that invited the bot and was joined, a resolved address; null: nothing. Never throws. */
  greet(room: string): Promise<Message | null>;
  /**
   * A room may have become usable or unusable by itself: invited or joined, encryption switched on, left or banned, permissions
   * changed, replaced. The room need not be one of ours. It is told for each alias that led to the room, too.
   */
  onRoomChanged(address: string): void;
  /**
   * A room that we are in was replaced by another one, which we have joined. The adapter counts it as done once this resolved;
   * after a crash before that it tells it again.
   */
  onRoomReplaced(from: string, to: string): Promise<void>;
}

/** One of several connections over which a platform tells what people do. */
export interface Connection {
  /** `shard 3` */
  readonly name: string;
  readonly isUp: boolean;
}

/** The code for one chat platform. Its methods never throw for anything that a platform, a network or a spammer does. */
export interface Adapter {
  readonly platform: PlatformName;
  /** For how long after the first attempt a repeated key makes no second message, in milliseconds. */
  readonly idempotentForMs: number;
  /** Passes commands and changes of rooms to `listener` from now on. Called at most once, before `login`; without it no commands are read. */
  listen(listener: Listener): void;
  /** Finds out who we are and starts listening (invitations). May be called again after `later` or `accountBroken`. */
  login(signal: AbortSignal): Promise<LoginResult>;
  /** Returns true for a written address that may lead to another room later. */
  isAlias(address: string): boolean;
  /**
   * Turns a written address (an alias) into the one that sends use, and makes sure that we may speak there (joins). A room that was replaced
   * by another leads there.
   */
  resolve(address: string, signal: AbortSignal): Promise<ResolveResult>;
  /**
   * The platform's payload for a message in a room (a resolved address: rooms may differ in what can be shown there), within
   * every limit, with the key as its mark. Sends no request and changes nothing. `mentions` are pinged by the message when it is
   * created, and by no edit. Commands, people and times in it are written as the platform does (`render/speak.ts`).
   */
  format(message: Message, key: string, room: string, mentions?: readonly Mention[]): string;
  /** A message can be changed after it was sent. If not, a digest that grows goes on in new messages. */
  readonly canEdit: boolean;
  /** The most messages that `together` takes. */
  readonly togetherAtMost: number;
  /** About how much text the body of a message may have in a room, in UTF-16 units, markup included. */
  bodyUnits(room: string): number;
  /** One payload for as many of the messages as it has room for, in their order, none of them cut short for the others' sake. */
  together(messages: readonly Message[], key: string, room: string, mentions?: readonly Mention[]): Together;
  /**
   * Returns true if a room (a resolved address) shows each subject in a thread of its own, as a forum does: later messages about it go
   * into that thread. A message that begins one is not protected by its key.
   */
  gathersSubjects(room: string): boolean;
  /** Returns true if messages of a room (a resolved address) are encrypted before they leave. Once true, it stays so. */
  seals(room: string): boolean;
  /** Says to people how a room (a resolved address) is encrypted, and what is wrong with that; null: it is not. */
  describeEncryption(room: string): Promise<string | null>;
  /**
   * Returns the connections over which the platform tells what people do, if the account has several, as a bot on thousands of Discord
   * servers; empty: it has at most one. Messages go out without them.
   */
  connections(): readonly Connection[];
  /** An edit, a reaction and a redaction may be repeated whenever the answer was not clear: they make no second message. */
  send(request: SendRequest, signal: AbortSignal): Promise<SendResult>;
  find(request: FindRequest, signal: AbortSignal): Promise<FindResult>;
  /** Ends what `login` started. Leaves no timer or socket behind. */
  stop(): Promise<void>;
}
