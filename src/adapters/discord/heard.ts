import type { JsonObject } from '../../text/json.ts';
import type { Json } from '../../words.ts';
import type { ShardId } from '../shards.ts';

/** A message of a shard in a unit of its own to the account. */
export type Heard =
  /** A new session: the ids of the servers on it. */
  | { readonly kind: 'ready'; readonly shard: ShardId; readonly guilds: readonly string[] }
  /** The session of an earlier process goes on. */
  | { readonly kind: 'takenOver'; readonly shard: ShardId }
  /** Something happened: its name, `INTERACTION_CREATE`, and what it is about. */
  | { readonly kind: 'event'; readonly name: string; readonly data: JsonObject }
  /** Discord refused this number of shards. */
  | { readonly kind: 'countRefused'; readonly count: number };

export const writeHeard = (heard: Heard): Json => heard as Json;

/** Reads what a shard of ours wrote. */
export const readHeard = (heard: Json): Heard => heard as unknown as Heard;
