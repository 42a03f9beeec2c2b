import { type JsonObject, listOf, objectOf, textOf } from '../../text/json.ts';
import type { Clock } from '../../time/clock.ts';
import { cannotTakeMessages, isDirect, isLockedTo, isThread, neededToSend, parentOf } from './channel.ts';
import type { DiscordClient } from './client.ts';
import { type Failure, idOf } from './exchange.ts';
import { type Forum, type ForumLook, readForum } from './forum.ts';
import { allPermissions, permission, permissionsIn, timedOutUntil } from './permissions.ts';

/** The bot's permissions in a room. */
export interface Standing {
  readonly kind: 'standing';
  /** The reason why it may not send there, with a remedy; null if it may. */
  readonly obstacle: string | null;
  /** Embed Links: without it Discord takes no embeds. */
  readonly embeds: boolean;
  /** Read Message History: without it the room reads as empty. */
  readonly history: boolean;
  /** The forum; null for a room of another kind. */
  readonly forum: Forum | null;
  /** The bot's permissions; all of them where there are none, in direct messages. */
  readonly permissions: bigint;
  /** Its name for people: `#smoke on Charcoal`. */
  readonly place: string;
  /** The name of its server, foreign text; null: it has none. */
  readonly guild: string | null;
}

export interface StandingContext {
  readonly client: DiscordClient;
  readonly clock: Clock;
  /** The bot's user id. */
  readonly user: string;
  readonly forumLook: ForumLook;
}

type Read = { readonly kind: 'read'; readonly body: JsonObject } | Failure;

/** Asks Discord how the bot stands in a room: always afresh, three or four requests. */
export async function readStanding(
  room: string,
  context: StandingContext,
  signal: AbortSignal,
): Promise<Standing | Failure> {
  const { client, clock, user } = context;
  const read = async (route: `/${string}`, isWhole: (body: JsonObject) => boolean): Promise<Read> => {
    const exchange = await client.request({ method: 'GET', route }, signal);
    if (exchange.kind !== 'ok') return exchange;
    const body = objectOf(exchange.body);
    return isWhole(body) ? { kind: 'read', body } : { kind: 'unanswered', written: true, text: `nonsense at ${route}` };
  };
  const readChannel = (id: string) => read(`/channels/${id}`, ({ type }) => typeof type === 'number');

  const found = await readChannel(room);
  if (found.kind !== 'read') return found;
  const channel = found.body;
  const mute = cannotTakeMessages(channel);
  const outside = { kind: 'standing', forum: null, guild: null, place: placeName(channel, null) } as const;
  if (mute !== null) return { ...outside, obstacle: mute, embeds: false, history: false, permissions: 0n };
  if (isDirect(channel))
    return { ...outside, obstacle: null, embeds: true, history: true, permissions: allPermissions };

  const guildId = idOf(channel.guild_id);
  if (guildId === null) return { kind: 'unanswered', written: true, text: 'a channel of no server' };
  const parentId = parentOf(channel);
  const [guild, member, parent] = await Promise.all([
    read(`/guilds/${guildId}`, ({ roles }) => Array.isArray(roles)),
    read(`/guilds/${guildId}/members/${user}`, ({ roles }) => Array.isArray(roles)),
    parentId === null ? found : readChannel(parentId),
  ]);
  if (guild.kind !== 'read') return guild;
  if (member.kind !== 'read') return member;
  if (parent.kind !== 'read') return parent;

  const now = clock.wall();
  const overwrites = listOf(parent.body.permission_overwrites);
  const permissions = permissionsIn({ guild: guild.body, member: member.body, user, overwrites, now });
  const may = (bit: bigint) => (permissions & bit) === bit;
  const forum = readForum(channel, permissions, context.forumLook);
  return {
    kind: 'standing',
    forum,
    obstacle: obstacleTo(channel, permissions, timedOutUntil(member.body), now) ?? forum?.obstacle ?? null,
    embeds: may(permission.embedLinks),
    history: may(permission.viewChannel | permission.readMessageHistory),
    permissions,
    place: placeName(channel, textOf(guild.body.name)),
    guild: textOf(guild.body.name),
  };
}

function placeName(channel: JsonObject, guild: string | null): string {
  const name = textOf(channel.name);
  const own = name === null ? 'direct messages' : `${isThread(channel) ? 'the thread ' : '#'}${name}`;
  return guild === null ? own : `${own} on ${guild}`;
}

function obstacleTo(channel: JsonObject, permissions: bigint, timedOutUntil: number, now: number): string | null {
  const missing = neededToSend(channel).filter(({ bit }) => (permissions & bit) === 0n);
  if (missing.length > 0 && timedOutUntil > now)
    return `the bot is timed out on this server until ${new Date(timedOutUntil).toISOString()}: end its time-out`;
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    const where = isThread(channel) ? 'the channel that the thread is in' : 'the channel';
    return `the bot lacks ${names}: allow that to it, or to its role, in the settings of ${where}`;
  }
  return isLockedTo(permissions, channel) ? 'the thread is locked: unlock it, or let the bot manage threads' : null;
}
