import { firstLines } from '../e2e/support/discord-channels.ts';
import { realTime } from './fast-clock.ts';
import type { Injection } from './injection.ts';
import type { JudgedRoom } from './judge.ts';
import type { CardMessage } from './judge-cards.ts';
import type { Stage } from './stage.ts';
import type { StageRoom } from './stage-rooms.ts';

/** Returns the messages that the room with cards shows now. */
export function shownCards({ discord, cards }: Stage): readonly CardMessage[] {
  return discord.messages(cards).map((message) => ({
    lines: message.embeds.map(({ description }) => String(description).split('\n')[0]?.replaceAll('\\', '') ?? ''),
    isAnswer: message.message_reference !== undefined,
  }));
}

/** Returns the present content of the other rooms. */
export async function judgedRooms(stage: Stage, injection: Injection): Promise<readonly JudgedRoom[]> {
  const { epoch, discord, matrix } = stage;
  const isReadable = !injection.wereUnreadable();

  function ofDiscord({ name, place, shows }: StageRoom): JudgedRoom {
    const messages = discord.messages(place);
    const deleted = place === injection.moderated?.place ? injection.deleted : new Map<string, string>();
    return {
      name,
      address: `discord:${place}`,
      kind: shows,
      // It is unknown if a deleted message was ever there.
      tells: isReadable && deleted.size === 0,
      shown: messages.flatMap((message) =>
        firstLines(message).flatMap((mark) =>
          mark.startsWith('mark|') ? [{ mark, at: realTime(epoch, Date.parse(message.timestamp)) }] : [],
        ),
      ),
      texts: new Map([...deleted, ...messages.map((message) => [message.id, JSON.stringify(message.embeds)] as const)]),
    };
  }

  async function ofMatrix({ name, place, shows }: StageRoom): Promise<JudgedRoom> {
    return {
      name,
      address: `matrix:${place}`,
      kind: shows,
      tells: isReadable,
      shown: await matrix.shown(place),
      texts: new Map(),
    };
  }

  return Promise.all(stage.rooms.map((room) => (room.platform === 'discord' ? ofDiscord(room) : ofMatrix(room))));
}
