import type { Channel, Channels } from './channels.ts';
import { fail, missingAccess, missingPermissions, type Reply, unknownMessage } from './exchange.ts';
import type { Reaction } from './messages.ts';
import type { Writing } from './writing.ts';

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json */
const unknownEmoji = fail(404, 10014, 'Unknown Emoji');
const tooMany = fail(400, 30010, 'Maximum number of reactions reached (20)');
const archivedThread = fail(400, 50083, 'Thread is archived');
const most = 20;
const done: Reply = { status: 204, body: null };

/** One emoji, or a guild's own: `name:id`. */
const emoji = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic}|\w{2,32}:\d{17,20})$/v;

/** https://docs.discord.com/developers/resources/message#create-reaction and #delete-own-reaction */
export function createReactions(channels: Channels, writing: Writing) {
  return {
    /** Adds or removes a reaction of the bot. */
    own(channel: Channel, id: string, name: string, method: string): Reply {
      const may = channels.may(channel);
      if (!may('ReadMessageHistory')) return missingAccess;
      const message = writing.find(channel.id, id);
      if (message === undefined) return unknownMessage;
      if (channel.archived) return archivedThread;
      if (!emoji.test(name)) return unknownEmoji;
      const { reactions = [] } = message;
      const known = reactions.find((each) => nameOf(each) === name);
      if (method === 'DELETE') {
        if (known === undefined) return unknownEmoji;
        writing.setReactions(
          channel.id,
          id,
          reactions.filter((each) => each !== known),
        );
        return done;
      }
      if (known !== undefined) return done;
      if (!may('AddReactions')) return missingPermissions;
      if (reactions.length >= most) return tooMany;
      writing.setReactions(channel.id, id, [...reactions, reactionOf(name)]);
      return done;
    },
  };
}

/** Returns the name in a `PUT`. */
export function nameOf({ emoji: { id, name } }: Reaction): string {
  return id === null ? name : `${name}:${id}`;
}

function reactionOf(written: string): Reaction {
  const [name = '', id = null] = /^\w/.test(written) ? written.split(':') : [written];
  return {
    emoji: { id, name },
    count: 1,
    count_details: { burst: 0, normal: 1 },
    burst_colors: [],
    me_burst: false,
    me: true,
  };
}
