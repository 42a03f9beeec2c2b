import { channelOnShard } from '../support/discord/channel-on-shard.ts';
import type { DiscordDouble } from '../support/discord/double.ts';
import { until } from '../support/until.ts';
import { withinTime } from './within-time.ts';

/** Time for all shards to be there again after the last fault, ms of real time. */
const patienceMs = 60_000;
const answerMs = 20_000;

/** Describes what is wrong with the shards of the bot after all faults: those that are missing, or do not answer a command once. */
export async function judgeShards(discord: DiscordDouble): Promise<readonly string[]> {
  const { gateway } = discord;
  const wanted = Array.from({ length: gateway.shards }, (_, shard) => shard);
  // The commands are registered once shard 0 is there.
  const areThere = () => gateway.present.join() === wanted.join() && discord.commands().length > 0;
  try {
    await until(areThere, { patienceMs });
  } catch {
    const commands = discord.commands().length;
    return [`of ${gateway.shards} shards these are connected, with ${commands} commands: ${gateway.present.join()}`];
  }
  const found = await Promise.all(wanted.map(async (shard) => [shard, await answerOver(discord, shard)] as const));
  return found.flatMap(([shard, fault]) => (fault === null ? [] : [`shard ${shard}: ${fault}`]));
}

/** Gives a command over a shard. Null: it was answered once. */
async function answerOver(discord: DiscordDouble, shard: number): Promise<string | null> {
  const channel = channelOnShard(discord, shard, discord.gateway.shards);
  const seeing = discord.act(channel, { id: '42' }, { slash: 'help' });
  try {
    await withinTime('the answer', answerMs, seeing.answer);
    const answers = discord.seen.filter(({ path }) => path.startsWith(`/interactions/${seeing.id}/`)).length;
    return answers === 1 ? null : `${answers} answers to one command`;
  } catch (err) {
    return err instanceof Error ? err.message : String(err);
  }
}
