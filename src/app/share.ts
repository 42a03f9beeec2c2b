import type { ShardId } from '../adapters/shards.ts';
import { roomsWithWork } from '../outbox/rows/rooms-with-work.ts';
import type { Database } from '../store/tables.ts';
import type { AccountId, Json } from '../words.ts';
import type { Note, Signals } from './signals.ts';
import { accountOfUnit } from './units.ts';

/** The facts about the source that `status` shows, also in processes that do not listen to it. */
export type SourceFacts = {
  /** `subscribed to metasmoke`, `lost since …`. */
  readonly source: string;
  /** Unix milliseconds; null: none since the start. */
  readonly lastEventAt: number | null;
  /** Number of events since the start. */
  readonly events: number;
};

/** The facts about the leader that other processes read: also the last version of what commands changed that it acts by. */
export type LeaderFacts = SourceFacts & { readonly read: number };

/** The shards that an account wants, and how they are. */
export interface WantedShards {
  /** Their number in all, and what each is given; null: not known yet. */
  readonly wanted: { readonly count: number; readonly hint: Json } | null;
  want(count: number, hint: Json): void;
  /** Returns true if a shard of another unit is up, as far as is known. */
  isUp(shard: ShardId): boolean;
}

/** The share of the work that an app has if it does not have all of it. */
export interface Share {
  readonly unit: string;
  /** The id of its account; null: it is the leader. */
  readonly account: AccountId | null;
  /** Connects it to the other units. */
  readonly join: (onNote: (note: Note) => void) => Signals;
  /** Returns the last known facts about the leader; null: there is none. */
  readonly leader: () => LeaderFacts | null;
  /** Returns the users as which the accounts of other units are logged in, as far as is known. */
  readonly users: () => ReadonlyMap<AccountId, string>;
  /** The shards of its account, of which other units open all but one. */
  readonly shards: WantedShards;
  /** Returns true if all processes have the same configuration. */
  readonly isAgreed: () => boolean;
  /** Returns lines about the processes and their units, for `status`. */
  readonly fleet: () => readonly string[];
}

/** Returns true if an app with this share works on the rooms of an account. Null: it has all of the work. */
export function hasRoom(share: Share | null, room: { readonly account: AccountId }): boolean {
  return share === null || share.account === room.account;
}

/** Returns the rooms of a share in which something waits, or is due by a time (Unix milliseconds); the leader has none. */
export async function roomsWithWorkOf(db: Database, share: Share | null, dueBy?: number): Promise<readonly number[]> {
  if (share === null) return roomsWithWork(db, null, dueBy);
  return share.account === null ? [] : roomsWithWork(db, share.account, dueBy);
}

/** Returns true if it listens to the source. */
export const isLeader = (share: Share | null): boolean => share === null || share.account === null;

/** Reads facts that a leader wrote; null: they are not there yet, or not those of a leader. */
export function leaderFactsOf(facts: Json): LeaderFacts | null {
  if (typeof facts !== 'object' || facts === null || !('read' in facts)) return null;
  return facts as unknown as LeaderFacts;
}

/** Returns the users as which the accounts of these units are logged in, by the facts about their logins. Pure. */
export function usersOf(units: readonly string[], loginOf: (unit: string) => Json): ReadonlyMap<AccountId, string> {
  const users = new Map<AccountId, string>();
  for (const unit of units) {
    const [account, facts] = [accountOfUnit(unit), loginOf(unit)];
    if (account === null || typeof facts !== 'object' || facts === null || !('user' in facts)) continue;
    if (typeof facts.user === 'string') users.set(account, facts.user);
  }
  return users;
}
