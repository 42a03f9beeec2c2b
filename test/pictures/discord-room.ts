import type { DiscordDouble, DoubleMessage } from '../support/discord/double.ts';
import { startDiscordDouble } from '../support/discord/double.ts';

/** A channel with Lookout's bot, on a server that behaves as Discord does. */
export interface DiscordRoom {
  readonly double: DiscordDouble;
  readonly channel: string;
  read(): readonly DoubleMessage[];
}

/**
 * Starts the server and creates the channel. Discord cannot be installed, so the picture of its clients is drawn from
 * its API.
 */
export async function makeDiscordRoom(): Promise<DiscordRoom> {
  const double = await startDiscordDouble();
  const channel = double.createChannel();
  return { double, channel, read: () => double.messages(channel) };
}
