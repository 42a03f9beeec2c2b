import type { Shown } from '../e2e/support/oracle.ts';
import type { OddAnswer } from '../support/odd-answer.ts';

/** The Matrix side of one trial: Lookout's account and its rooms on a homeserver, and the operations on them. */
export interface MatrixSide {
  /** The homeserver, or the proxy before it. */
  readonly url: string;
  /** The ids of plain rooms, and of encrypted ones. */
  readonly rooms: readonly string[];
  readonly encrypted: readonly string[];
  /** The token with which Lookout starts. */
  readonly token: string;
  /** Shortest time between two readings of the room, ms. */
  readonly readEveryMs: number;
  /** Sets the answer to the next message from Lookout; several are used one after the other. */
  nextSend(answer: OddAnswer): void;
  /** Removes the answers of `nextSend` that were not used. */
  forgetNextSends(): void;
  /** Makes the room unreadable for Lookout until the returned function is called. */
  forbidReading(): () => void;
  /** Logs Lookout's account in again; `token` changes. On a `new` device no transaction id is remembered. */
  logIn(device: 'same' | 'new'): Promise<void>;
  /** Sets the answer to the next request about the keys of devices, as `nextSend` does. */
  nextKeys(answer: OddAnswer): void;
  /** Returns a room as a reader sees it. */
  shown(room: string): Promise<readonly Shown[]>;
  /** Describes what a strict client cannot read in an encrypted room or warns of, and places of keys that were used twice. */
  unreadable(room: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Homeservers for one trial after the other. */
export interface MatrixSides {
  /** True if its rooms may be encrypted. */
  readonly encrypts: boolean;
  open(rooms: { readonly plain: number; readonly encrypted: number }): Promise<MatrixSide>;
  stop(): Promise<void>;
}

/** A request that sends a message or an edit. After `/_matrix/client/v3`. */
export const sending = /^PUT \/rooms\/.*\/send\//;
/** Requests about the keys of devices, and keys of messages. */
export const aboutKeys = /^(?:POST \/keys\/|PUT \/sendToDevice\/)/;
export const readingBack = /^GET \/rooms\/[^/]*\/messages/;
export const forbidden: OddAnswer = {
  status: 403,
  body: { errcode: 'M_FORBIDDEN', error: "You don't have permission to read the history" },
};
