import type { Mention } from '../../words.ts';
import type { Adapter } from '../adapter.ts';

/** Faults of a platform during a send. */
export const faults = [
  'badRequest',
  'unauthorized',
  'forbidden',
  'missing',
  'limited',
  'limitedWithoutWait',
  'serverError',
  'timeout',
  'lostAfterWriting',
  'refused', // last, because the platform is gone after it
] as const;
export type Fault = (typeof faults)[number];

/** Abilities that not every platform has. */
export type Ability = 'edit' | 'find' | 'mention' | 'react' | 'relate' | 'repeatByKey' | 'showsLinks';

/** A message that the room shows as a reply to another. */
export interface Related {
  readonly as: 'reply' | 'thread';
  /** The platform's id of the other message. */
  readonly to: string;
  readonly text: string;
}

/** Arranges a fault for the next send. The returned function runs during that send. */
export type Arrange = () => During | Promise<During>;
export type During = (() => Promise<void>) | void;

/** A logged-in adapter for a platform that the test controls. */
export interface Harness {
  readonly adapter: Adapter;
  /** A resolved room in which the adapter may write. */
  readonly room: string;
  readonly faults: Partial<Record<Fault, Arrange>>;
  /** The id of a message that does not exist. */
  readonly noMessage: string;
  /** The wait that `limited` requests, ms. */
  readonly limitedForMs: number;
  /** Returns the text of every message in the room, oldest first. */
  shown(): Promise<readonly string[]>;
  /** Returns the messages that are replies, or are in threads, oldest first. */
  related(): Promise<readonly Related[]>;
  /** Returns the reactions in the room: `<message> <emoji>`. */
  reactions(): Promise<readonly string[]>;
  /** Returns the ids of the people whom the platform pinged since the last call. */
  pinged(): Promise<readonly string[]>;
  /** A person who can be pinged. */
  readonly somebody: Mention;
  /** Removes a message from the room, as a moderator does. */
  remove(message: string): Promise<void>;
  /** The token; the platform quotes it in every text of its answers. */
  readonly secret: string | null;
  /** All log lines. */
  readonly said: readonly string[];
  stop(): Promise<void>;
}

export interface ContractOptions {
  /** The faults and abilities that the platform cannot have, each with the reason. All others are tested. */
  readonly cannot: Partial<Record<Fault | Ability, string>>;
  readonly start: () => Promise<Harness>;
}
