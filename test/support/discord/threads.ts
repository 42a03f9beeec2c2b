import type { Channel, Channels } from './channels.ts';
import { fail, missingPermissions, type Reply, type Seen, unknownMessage } from './exchange.ts';
import { invalidForm, isFields, noText, required, tooLong } from './invalid-form.ts';
import { channelShape, type User } from './shapes.ts';
import type { Writing } from './writing.ts';

const wrongKind = fail(400, 50024, 'Cannot execute action on this channel type');
const isThere = fail(400, 160004, 'A thread has already been created for this message');
const mostName = 100;

/** Opens a thread from a message: https://docs.discord.com/developers/resources/channel#start-thread-from-message */
export function createThreads(channels: Channels, writing: Writing, bot: User) {
  return {
    /**
     * Archives a thread or opens it again: one that is not locked by anybody who may write there
     * (https://docs.discord.com/developers/resources/channel#modify-channel).
     */
    change(channel: Channel, request: Seen): Reply {
      if (channel.kind !== 'thread') return missingPermissions;
      const form: unknown = JSON.parse(request.body);
      const archived = isFields(form) ? form.archived : undefined;
      if (typeof archived !== 'boolean') return invalidForm([required('archived')]);
      const may = channels.may(channel);
      if (!may(channel.locked || archived ? 'ManageThreads' : 'SendMessagesInThreads')) return missingPermissions;
      channel.archived = archived;
      return { status: 200, body: channelShape(channels, channel, bot) };
    },
    open(channel: Channel, message: string, request: Seen): Reply {
      if (channel.kind !== 'text' && channel.kind !== 'announcement') return wrongKind;
      if (!channels.may(channel)('CreatePublicThreads')) return missingPermissions;
      if (writing.find(channel.id, message) === undefined) return unknownMessage;
      const form: unknown = JSON.parse(request.body);
      const name = isFields(form) ? form.name : undefined;
      if (name === undefined) return invalidForm([required('name')]);
      if (typeof name !== 'string') return invalidForm([noText('name')]);
      if (name.trim() === '') return invalidForm([required('name')]);
      if (name.length > mostName) return invalidForm([tooLong('name', mostName)]);
      if (channels.channels.has(message)) return isThere;
      return { status: 201, body: channelShape(channels, channels.openThread(channel, message, name), bot) };
    },
  };
}
