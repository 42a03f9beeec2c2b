import type { ShardId } from '../shards.ts';

/** Returns the number of the shard on which a server's events come: https://discord.com/developers/docs/events/gateway#sharding-sharding-formula */
export function shardOf(guild: string, count: number): number {
  return Number((BigInt(guild) >> 22n) % BigInt(count));
}

/** `shard 3 of 16`; null: there is only one, which needs no name. */
export function shardName({ id, count }: ShardId): string | null {
  return count === 1 ? null : `shard ${id} of ${count}`;
}
