import { openOutboxFile } from '../e2e/support/outbox-file.ts';
import { startDiscordDouble } from '../support/discord/double.ts';
import { fakeToken, startHomeserver } from '../support/homeserver.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { postCreated } from './sample.ts';

/** SmokeDetector fell an hour behind in a wave of this size. */
const reports = 266;
const lastingMs = 60_000;
/** Synapse's default for messages of an account. */
const synapse = { burst: 10, perSecond: 0.2 };
/** As commonly seen of a Discord channel, a second. */
const discordPerSecond = 1;
const discordBurst = 5;

/** How a room fared in a wave, in seconds. */
export interface WaveFigures {
  readonly platform: string;
  /** From the first event to the first message. */
  readonly first: number;
  /** From the last event until the room had all of them. */
  readonly current: number;
  readonly messages: number;
  /** What one message for each event would take after the last event. */
  readonly oneByOne: number;
}

/** A wave of reports into a room on each platform at once, with their real limits. */
export async function measureWave(): Promise<readonly WaveFigures[]> {
  const [cable, discord, matrix] = await Promise.all([startCableServer(), startDiscordDouble(), startHomeserver()]);
  discord.limits = 'real';
  matrix.limit = synapse;
  const channel = discord.createChannel();
  const room = matrix.rooms.create({ members: { [matrix.user]: 'join' } });
  const subscribed = cable.subscribed();
  const lookout = await startConfigured({
    source: { url: cable.url, key: 'bench-key' },
    chats: {
      discord: { api: discord.url, token: discord.bot.token },
      matrix: { homeserver: matrix.url, token: fakeToken },
    },
    rooms: { discord: `discord:${channel}`, matrix: `matrix:${room}` },
    subscriptions: [{ events: 'posts#create', rooms: ['discord', 'matrix'] }],
  });
  try {
    await lookout.process.whileRunning(subscribed);
    const outbox = openOutboxFile(lookout.store);
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    // Both rooms are looked at first.
    await pause(2_000);
    const began = performance.now();
    const firstAt = { discord: 0, matrix: 0 };
    const currentAt = { discord: 0, matrix: 0 };
    let lastAt = 0;
    for (let sent = 0; currentAt.discord === 0 || currentAt.matrix === 0; await pause(50)) {
      const elapsed = performance.now() - began;
      for (; sent < reports && sent <= (elapsed / lastingMs) * reports; sent++) {
        cable.send(postCreated(sent + 1));
        lastAt = performance.now();
      }
      if (discord.messages(channel).length > 0) firstAt.discord ||= performance.now();
      if (matrix.rooms.shown(room).length > 0) firstAt.matrix ||= performance.now();
      if (sent < reports || outbox.events() < reports) continue;
      if (outbox.unsettledIn('discord') === 0) currentAt.discord ||= performance.now();
      if (outbox.unsettledIn('matrix') === 0) currentAt.matrix ||= performance.now();
      if (elapsed > 10 * lastingMs) throw new Error('the rooms never had all of the wave');
    }
    const seconds = (ms: number) => ms / 1_000;
    const oneByOne = (burst: number, perSecond: number) =>
      Math.max(0, (reports - burst) / perSecond - seconds(lastingMs));
    const figures = (platform: 'discord' | 'matrix') => ({
      first: seconds(firstAt[platform] - began),
      current: seconds(Math.max(0, currentAt[platform] - lastAt)),
    });
    return [
      {
        platform: 'Discord',
        ...figures('discord'),
        messages: discord.messages(channel).length,
        oneByOne: oneByOne(discordBurst, discordPerSecond),
      },
      {
        platform: 'Matrix',
        ...figures('matrix'),
        messages: matrix.rooms.shown(room).length,
        oneByOne: oneByOne(synapse.burst, synapse.perSecond),
      },
    ];
  } finally {
    await lookout.stop();
    await Promise.all([cable.stop(), discord.stop(), matrix.stop()]);
  }
}
