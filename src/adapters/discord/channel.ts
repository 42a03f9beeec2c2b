import { type JsonObject, objectOf, textOf } from '../../text/json.ts';
import { permission } from './permissions.ts';

/** Channel types (https://discord.com/developers/docs/resources/channel#channel-object-channel-types). */
const type = { dm: 1, voice: 2, groupDm: 3, category: 4, stage: 13, directory: 14, forum: 15, media: 16 } as const;
const threadTypes: readonly unknown[] = [10, 11, 12];

/** Kinds that take no messages, with what to do instead. */
const mute: ReadonlyMap<unknown, string> = new Map([
  [type.groupDm, 'a group of direct messages takes no messages from bots: name a channel'],
  [type.category, 'it is a category, which takes no messages: name one of its channels'],
  [type.directory, 'it is a directory, which takes no messages: name a channel'],
]);

export function isThread(channel: JsonObject): boolean {
  return threadTypes.includes(channel.type);
}

/** A forum or a media channel: each message in it begins a post, which is a thread. */
export function isForum(channel: JsonObject): boolean {
  return channel.type === type.forum || channel.type === type.media;
}

/** Direct messages know no permissions. */
export function isDirect(channel: JsonObject): boolean {
  return channel.type === type.dm;
}

/** The reason why such a channel takes no messages; null if it does. */
export function cannotTakeMessages(channel: JsonObject): string | null {
  return mute.get(channel.type) ?? null;
}

/** A permission and its name in Discord's settings. */
interface Needed {
  readonly bit: bigint;
  readonly name: string;
}

/** Without one of these no message gets in. */
export function neededToSend(channel: JsonObject): readonly Needed[] {
  const speak: Needed = isThread(channel)
    ? { bit: permission.sendMessagesInThreads, name: 'Send Messages in Threads' }
    : { bit: permission.sendMessages, name: isForum(channel) ? 'Create Posts' : 'Send Messages' };
  // In a forum, who may send messages may create posts (https://docs.discord.com/developers/topics/threads#forums).
  const inPosts: Needed = { bit: permission.sendMessagesInThreads, name: 'Send Messages in Posts' };
  const more = isForum(channel) ? [inPosts] : [];
  const hasVoice = channel.type === type.voice || channel.type === type.stage;
  return [
    { bit: permission.viewChannel, name: 'View Channel' },
    // A voice channel's chat is closed to those who may not join it (https://discord.com/developers/docs/resources/message#get-channel-messages).
    ...(hasVoice ? [{ bit: permission.connect, name: 'Connect' }] : []),
    speak,
    ...more,
  ];
}

/**
 * A locked thread takes messages from those alone who may manage threads; one that is merely archived opens by itself when a
 * message comes (https://discord.com/developers/docs/topics/threads#active-archived-threads).
 */
export function isLockedTo(permissions: bigint, channel: JsonObject): boolean {
  return objectOf(channel.thread_metadata).locked === true && (permissions & permission.manageThreads) === 0n;
}

/** The channel that a thread belongs to, and takes its permissions from. */
export function parentOf(channel: JsonObject): string | null {
  return isThread(channel) ? textOf(channel.parent_id) : null;
}
