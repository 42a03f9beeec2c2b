import { shardOf } from '../../../src/adapters/discord/shard-of.ts';
import type { DiscordDouble } from './double.ts';

/** Creates a channel of a server whose events come on a shard. The time of the double must pass meanwhile, of which it makes its ids. */
export function channelOnShard(discord: DiscordDouble, shard: number, count: number): string {
  for (;;) {
    const channel = discord.createChannel();
    if (shardOf(discord.guildOf(channel), count) === shard) return channel;
    discord.deleteChannel(channel);
  }
}
