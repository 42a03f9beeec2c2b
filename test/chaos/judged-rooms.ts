import { firstLines } from '../e2e/support/discord-channels.ts';
import { realTime } from './fast-clock.ts';
import type { Injection } from './injection.ts';
import type { JudgedRoom } from './judge.ts';
import type { CardMessage } from './judge-cards.ts';
import { type DiscordRoom, discordRooms, type Stage } from './stage.ts';

/** What the room with cards shows now. */
export function shownCards({ discord, channels }: Stage): readonly CardMessage[] {
  return discord.messages(channels.cards).map((message) => ({
    lines: message.embeds.map(({ description }) => String(description).split('\n')[0]?.replaceAll('\\', '') ?? ''),
    isAnswer: message.message_reference !== undefined,
  }));
}

/** What the rooms show now. */
export async function judgedRooms(stage: Stage, injection: Injection): Promise<readonly JudgedRoom[]> {
  const { epoch, discord, channels, matrix } = stage;
  const isReadable = !injection.wereUnreadable();

  function ofDiscord(name: DiscordRoom): JudgedRoom {
    const messages = discord.messages(channels[name]);
    const isDigest = name === 'digest';
    return {
      name,
      address: `discord:${channels[name]}`,
      kind: isDigest ? 'digest' : 'marks',
      // Of what was deleted nobody can say whether it was ever there.
      tells: isReadable && !(isDigest && injection.deleted.size > 0),
      shown: messages.flatMap((message) =>
        firstLines(message).flatMap((mark) =>
          mark.startsWith('mark|') ? [{ mark, at: realTime(epoch, Date.parse(message.timestamp)) }] : [],
        ),
      ),
      texts: new Map([
        ...(isDigest ? injection.deleted : []),
        ...messages.map((message) => [message.id, JSON.stringify(message.embeds)] as const),
      ]),
    };
  }

  return [
    ...discordRooms.map(ofDiscord),
    {
      name: 'matrix',
      address: `matrix:${matrix.room}`,
      kind: 'marks',
      tells: isReadable,
      shown: await matrix.shown(),
      texts: new Map(),
    },
  ];
}
