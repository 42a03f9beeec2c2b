import { type JsonObject, listOf, objectOf, textOf } from '../../text/json.ts';
import { isForum } from './channel.ts';
import { idOf } from './exchange.ts';
import { permission } from './permissions.ts';

/** The look of the posts of forums, from the configuration. */
export interface ForumLook {
  /** The title of a post; `{title}` stands for that of its message. */
  readonly title: string;
  /** Names or ids of tags; a forum's posts get those that it has. */
  readonly tags: readonly string[];
}

/** A forum as the bot may use it. */
export interface Forum {
  readonly guild: string;
  /** Ids of the tags that its posts get. */
  readonly tags: readonly string[];
  /** Configured tags that it does not have, or that only moderators may set. */
  readonly missing: readonly string[];
  /** The reason why it takes no posts; null if it does. */
  readonly obstacle: string | null;
}

/** https://docs.discord.com/developers/resources/channel#channel-object-channel-flags */
const requireTag = 1 << 4;
/** https://docs.discord.com/developers/resources/channel#channel-object (`applied_tags`) */
const mostTags = 5;

interface Tag {
  readonly id: string;
  readonly name: string;
  readonly isModerated: boolean;
}

/** Reads a forum from its channel; null for a channel of another kind. */
export function readForum(channel: JsonObject, permissions: bigint, { tags: wanted }: ForumLook): Forum | null {
  const guild = idOf(channel.guild_id);
  if (!isForum(channel) || guild === null) return null;
  const mayModerate = (permissions & permission.manageThreads) !== 0n;
  const usable = listOf(channel.available_tags)
    .flatMap((entry) => tagOf(objectOf(entry)) ?? [])
    .filter(({ isModerated }) => mayModerate || !isModerated);
  const found = wanted.map((name) => ({ name, tag: usable.find((tag) => isNamed(tag, name)) }));
  const tags = [...new Set(found.flatMap(({ tag }) => tag?.id ?? []))].slice(0, mostTags);
  const needsTag = (Number(channel.flags) & requireTag) !== 0 && tags.length === 0;
  const obstacle = needsTag
    ? `the forum wants a tag on each post: name one of its tags in chats.discord.forum_tags`
    : null;
  return { guild, tags, missing: found.flatMap(({ name, tag }) => (tag === undefined ? [name] : [])), obstacle };
}

function tagOf(entry: JsonObject): Tag | null {
  const id = idOf(entry.id);
  return id === null ? null : { id, name: textOf(entry.name) ?? '', isModerated: entry.moderated === true };
}

function isNamed({ id, name }: Tag, wanted: string): boolean {
  return id === wanted || name.trim().toLowerCase() === wanted.trim().toLowerCase();
}
