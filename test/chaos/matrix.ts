import type { Shown } from '../e2e/support/oracle.ts';
import type { OddAnswer } from '../support/odd-answer.ts';

/** The Matrix side of one trial: Lookout's account and its rooms on a homeserver, and all that can be done to them. */
export interface MatrixSide {
  /** The homeserver, or what stands before it. */
  readonly url: string;
  /** The rooms' ids. */
  readonly rooms: readonly string[];
  /** With it Lookout starts. */
  readonly token: string;
  /** How often the room may be read, in milliseconds between two times. */
  readonly readEveryMs: number;
  /** Answers the next message that Lookout sends otherwise; several are used one after the other. */
  nextSend(answer: OddAnswer): void;
  /** What `nextSend` was told and no message came for is forgotten. */
  forgetNextSends(): void;
  /** Lookout may not read the room back until the returned function is called. */
  forbidReading(): () => void;
  /** Lookout's account logs in again: `token` is another one. On a `new` device no transaction id is remembered. */
  logIn(device: 'same' | 'new'): Promise<void>;
  /** A room as a reader sees it. */
  shown(room: string): Promise<readonly Shown[]>;
  stop(): Promise<void>;
}

/** Homeservers for one trial after the other. */
export interface MatrixSides {
  open(rooms: number): Promise<MatrixSide>;
  stop(): Promise<void>;
}

/** A message as it is sent, an edit too. After `/_matrix/client/v3`. */
export const sending = /^PUT \/rooms\/.*\/send\//;
export const readingBack = /^GET \/rooms\/[^/]*\/messages/;
export const forbidden: OddAnswer = {
  status: 403,
  body: { errcode: 'M_FORBIDDEN', error: "You don't have permission to read the history" },
};
