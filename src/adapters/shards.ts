import type { Network } from '../http/network.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../time/clock.ts';
import type { Json } from '../words.ts';
import type { Connection } from './adapter.ts';
import type { Position, Turns } from './platform.ts';

/** One of the connections among which a platform divides what an account hears: its number, from 0, and how many there are. */
export interface ShardId {
  readonly id: number;
  readonly count: number;
}

/** The shards of an account that units of work of their own open, perhaps in other processes. Its adapter opens shard 0. */
export interface OtherShards {
  /** From now on the account wants so many shards in all. `hint`: each of the others is given it. */
  want(count: number, hint: Json): void;
  /** The others, in the order of their numbers, and if they are up, as far as is known. */
  connections(): readonly Connection[];
  /**
   * Calls `listener`, in place of an earlier one, with all that was heard over them: each thing once, in the order of its shard.
   * `ageMs`: time since it was heard. Null: it waits for the next listener.
   */
  listen(listener: ((heard: Json, ageMs: number) => void) | null): void;
}

/** The parts of the program that a shard in a unit of its own may use. */
export interface ShardParts {
  readonly shard: ShardId;
  /** The id of the account on the platform. */
  readonly user: string;
  /** The hint that the account gave with the number of its shards. */
  readonly hint: Json;
  readonly clock: Clock;
  readonly log: Log;
  readonly network: Network;
  readonly position: Position;
  readonly turns: Turns;
  /** Adds one to a counter of the platform, by its name. */
  count(counter: string): void;
  /** Passes a message of the shard on to the account. Resolves when it is stored. */
  pass(heard: Json): Promise<void>;
}

/** A shard that connects, and again whenever its connection ends. */
export interface OpenShard {
  readonly isUp: boolean;
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>;
}
