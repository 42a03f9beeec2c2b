import type { DiscordDouble, DoubleMessage } from '../support/discord/double.ts';
import { startDiscordDouble } from '../support/discord/double.ts';

/** A channel that Lookout's bot speaks in, on a server that behaves as Discord does. */
export interface DiscordRoom {
  readonly double: DiscordDouble;
  readonly channel: string;
  read(): readonly DoubleMessage[];
}

/** Starts the server and makes the channel. There is no Discord to install: what its own clients would draw is drawn from what its API gives. */
export async function makeDiscordRoom(): Promise<DiscordRoom> {
  const double = await startDiscordDouble();
  const channel = double.createChannel();
  return { double, channel, read: () => double.messages(channel) };
}
