import type { Channel, Channels } from './channels.ts';
import { fail, missingPermissions, type Reply, type Seen, unknownMessage } from './exchange.ts';
import { invalidForm, isFields, noText, required, tooLong } from './invalid-form.ts';
import { channelShape, type User } from './shapes.ts';
import type { Writing } from './writing.ts';

const wrongKind = fail(400, 50024, 'Cannot execute action on this channel type');
const isThere = fail(400, 160004, 'A thread has already been created for this message');
const unknownTag = fail(404, 10087, 'Unknown tag');
const tagRequired = fail(400, 40067, 'A tag is required to create a forum post in this channel');
const mostName = 100;

/** Opens a thread from a message: https://docs.discord.com/developers/resources/channel#start-thread-from-message */
export function createThreads(channels: Channels, writing: Writing, bot: User, newId: () => string) {
  /** Reads the form of a post, and creates it. */
  function post(forum: Channel, request: Seen): Reply {
    const may = channels.may(forum);
    if (!may('SendMessages')) return missingPermissions;
    const form: unknown = JSON.parse(request.body);
    if (!isFields(form) || !isFields(form.message)) return invalidForm([required('message')]);
    const { name, applied_tags: applied = [] } = form;
    if (typeof name !== 'string' || name.trim() === '') return invalidForm([required('name')]);
    if (name.length > mostName) return invalidForm([tooLong('name', mostName)]);
    const tags = forum.tags.filter(({ id }) => (applied as readonly string[]).includes(id));
    if (tags.length !== (applied as readonly string[]).length) return unknownTag;
    if (tags.some(({ moderated }) => moderated) && !may('ManageThreads')) return missingPermissions;
    if (forum.requiresTag && tags.length === 0) return tagRequired;
    if ('nonce' in form.message) return invalidForm([noText('message.nonce')]);
    const id = newId();
    const thread = channels.openThread(
      forum,
      id,
      name,
      tags.map((tag) => tag.id),
    );
    const made = writing.create(thread, { ...request, body: JSON.stringify(form.message) }, id);
    if (made.status === 200)
      return { status: 201, body: { ...channelShape(channels, thread, bot), message: made.body } };
    channels.channels.delete(id);
    return made;
  }

  return {
    /** https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel */
    post: (channel: Channel, request: Seen): Reply => (channel.kind === 'forum' ? post(channel, request) : wrongKind),
    /** The threads that a test picks, as Discord lists them. */
    list(chosen: (thread: Channel) => boolean): Reply {
      const threads = [...channels.channels.values()].filter((each) => each.kind === 'thread' && chosen(each));
      const shapes = threads.map((thread) => channelShape(channels, thread, bot));
      return { status: 200, body: { threads: shapes, members: [], has_more: false } };
    },
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
