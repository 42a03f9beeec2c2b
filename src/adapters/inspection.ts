import type { Network } from '../http/network.ts';
import type { Log } from '../log.ts';
import type { StoredTokens } from '../store/credentials.ts';
import type { Clock } from '../time/clock.ts';

/**
 * The weight of a finding.
 *
 * - `ok`: nothing is missing.
 * - `note`: messages arrive, but something of them is missing or may be.
 * - `no`: no message arrives until somebody acts.
 * - `unclear`: there was no clear answer.
 */
export type Mark = 'ok' | 'note' | 'no' | 'unclear';

/** One thing that was found out about an account or a room, in words: what is so, and who can change it. */
export interface Finding {
  readonly mark: Mark;
  readonly text: string;
}

/** The standing of an account on its platform, and in rooms. */
export interface Inspection {
  readonly account: Finding;
  /** By the address of the room as it was asked for. Empty if the account is of no use. */
  readonly rooms: ReadonlyMap<string, readonly Finding[]>;
}

export interface InspectRequest {
  /** Addresses as written, without the platform's name. */
  readonly rooms: readonly string[];
  /** True: rooms that the account may join are joined. False: nothing is changed. */
  readonly joins: boolean;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
  readonly stored: StoredAccount;
  readonly signal: AbortSignal;
}

/** The parts of an account that `run` keeps in the store. They are read, and stay as they are. */
export interface StoredAccount {
  /** Returns the tokens that it got in place of those in the configuration; null: none. */
  tokens(): Promise<StoredTokens | null>;
  /** Returns true if it has the keys that sign the devices of an account. */
  hasIdentity(account: string): Promise<boolean>;
}

export const ok = (text: string): Finding => ({ mark: 'ok', text });
export const note = (text: string): Finding => ({ mark: 'note', text });
export const no = (text: string): Finding => ({ mark: 'no', text });
export const unclear = (text: string): Finding => ({ mark: 'unclear', text });
