import type { Channel, Channels } from './channels.ts';
import {
  fail,
  missingAccess,
  missingPermissions,
  ok,
  type Reply,
  type Seen,
  unknownChannel,
  unknownGuild,
  unknownMember,
  unknownMessage,
} from './exchange.ts';
import type { createInteractions } from './interactions.ts';
import { invalidForm } from './invalid-form.ts';
import { createLimits, type Limits } from './limits.ts';
import { page } from './messages.ts';
import { createReactions } from './reactions.ts';
import type { Registry } from './registry.ts';
import { notSnowflake, type Operation } from './routes.ts';
import { channelShape, guildShape, memberShape, ownGuilds, ownShape, rolesShape, type User } from './shapes.ts';
import { isSnowflake } from './snowflake.ts';
import { createThreads } from './threads.ts';
import type { Writing } from './writing.ts';

export interface ApiOptions {
  readonly now: () => number;
  readonly bot: User;
  readonly channels: Channels;
  readonly writing: Writing;
  readonly newId: () => string;
  readonly token: () => string | null;
  readonly limits: () => Limits;
  readonly registry: Registry;
  readonly interactions: ReturnType<typeof createInteractions>;
  readonly gateway: () => {
    readonly url: string;
    readonly shards: number;
    readonly remaining: number;
    readonly concurrency: number;
  };
}

const unauthorized = fail(401, 0, '401: Unauthorized');
const nonText = fail(400, 50008, 'Cannot send messages in a non-text channel');

/** Discord's REST API for one bot: every answer that the double gives by itself. */
export function createApi(options: ApiOptions) {
  const { now, bot, channels, writing, token, limits, registry, interactions, gateway } = options;
  const buckets = createLimits(now, limits);
  const reactions = createReactions(channels, writing);
  const threads = createThreads(channels, writing, bot, options.newId);

  function list(channel: Channel, query: URLSearchParams): Reply {
    const limit = Number(query.get('limit') ?? 50);
    const wrong = (code: string, message: string) => invalidForm([{ at: 'limit', code, message }]);
    if (!Number.isInteger(limit)) return wrong('NUMBER_TYPE_COERCE', `Value "${query.get('limit')}" is not int.`);
    if (limit < 1) return wrong('NUMBER_TYPE_MIN', 'int value should be greater than or equal to 1.');
    if (limit > 100) return wrong('NUMBER_TYPE_MAX', 'int value should be less than or equal to 100.');
    const range = { before: query.get('before'), after: query.get('after'), around: query.get('around') };
    for (const [name, id] of Object.entries(range)) if (id !== null && !isSnowflake(id)) return notSnowflake(name, id);
    // Not an error: https://docs.discord.com/developers/resources/message#get-channel-messages
    if (!channels.may(channel)('ReadMessageHistory')) return ok([]);
    return ok(page(writing.of(channel.id), { ...range, limit }));
  }

  /** Handles one message: read, edited or deleted. */
  function one(channel: Channel, id: string, request: Seen): Reply {
    if (!isSnowflake(id)) return notSnowflake('message_id', id);
    if (request.method === 'PATCH') return writing.edit(channel, id, request);
    const found = writing.find(channel.id, id);
    const may = channels.may(channel);
    if (request.method === 'GET') {
      if (!may('ReadMessageHistory')) return missingAccess;
      return found === undefined ? unknownMessage : ok(found);
    }
    if (found === undefined) return unknownMessage;
    if (found.author.id !== bot.id && !may('ManageMessages')) return missingPermissions;
    writing.remove(channel.id, id);
    return { status: 204, body: null };
  }

  function inChannel({ route, ids: [id = '', message, emoji] }: Operation, request: Seen): Reply {
    if (!isSnowflake(id)) return notSnowflake('channel_id', id);
    const channel = channels.channels.get(id);
    if (channel === undefined) return unknownChannel;
    if (!channels.may(channel)('ViewChannel')) return missingAccess;
    if (route === '/channels/{channel_id}')
      return request.method === 'PATCH' ? threads.change(channel, request) : ok(channelShape(channels, channel, bot));
    if (route === '/channels/{channel_id}/threads') return threads.post(channel, request);
    if (route.includes('/threads/archived'))
      return threads.list((thread) => thread.archived && thread.parent?.id === id);
    if (emoji !== undefined) return reactions.own(channel, message ?? '', emoji, request.method);
    if (route.endsWith('/threads')) return threads.open(channel, message ?? '', request);
    if (message !== undefined) return one(channel, message, request);
    if (request.method === 'GET') return list(channel, request.query);
    return channel.kind === 'category' || channel.kind === 'forum' ? nonText : writing.create(channel, request);
  }

  function inGuild({ route, ids: [id = '', user = ''] }: Operation): Reply {
    if (!isSnowflake(id)) return notSnowflake('guild_id', id);
    const guild = channels.guilds.get(id);
    if (guild === undefined) return unknownGuild;
    if (route === '/guilds/{guild_id}') return ok(guildShape(guild));
    if (route.endsWith('/threads/active')) return threads.list((thread) => !thread.archived && thread.guild?.id === id);
    if (route === '/guilds/{guild_id}/roles') return ok(rolesShape(guild));
    if (!isSnowflake(user)) return notSnowflake('user_id', user);
    return user === bot.id ? ok(memberShape(guild, bot)) : unknownMember;
  }

  function inApplication({ route, ids: [application = '', ...ids] }: Operation, { method, ...request }: Seen): Reply {
    if (application !== bot.id)
      return fail(403, 20012, 'You are not authorized to perform this action on this application');
    const guild = route.includes('{guild_id}') ? (ids.shift() ?? '') : '';
    if (guild !== '' && !channels.guilds.has(guild)) return missingAccess;
    if (method === 'DELETE') return registry.remove(guild, ids[0] ?? '');
    return method === 'GET' ? registry.get(guild) : registry.put(guild, { method, ...request });
  }

  function answerTo(operation: Operation, request: Seen): Reply {
    if (operation.route === '/users/@me') return ok(ownShape(bot));
    if (operation.route === '/users/@me/guilds') return ok(ownGuilds([...channels.guilds.values()], request.query));
    if (operation.route === '/gateway/bot') {
      const { url, shards, remaining, concurrency } = gateway();
      const session_start_limit = { total: 1000, remaining, reset_after: 14_400_000, max_concurrency: concurrency };
      return ok({ url, shards, session_start_limit });
    }
    if (operation.route.startsWith('/applications')) return inApplication(operation, request);
    const [first = '', second = ''] = operation.ids;
    if (operation.route.startsWith('/interactions')) return interactions.respond(first, second, request);
    if (operation.route.startsWith('/webhooks')) return interactions.edit(second, request);
    return operation.route.startsWith('/channels') ? inChannel(operation, request) : inGuild(operation);
  }

  return (operation: Operation, request: Seen): Reply => {
    const { authorization } = request.headers;
    if (token() === null || authorization !== `Bot ${token()}`) return unauthorized;
    // https://discord.com/developers/docs/topics/rate-limits#global-rate-limit: not for interactions.
    if (/^\/(?:interactions|webhooks)\//.test(operation.route)) return answerTo(operation, request);
    const { headers, refused } = buckets.pass(`${request.method} ${operation.route}`, operation.ids[0] ?? '');
    if (refused) return refused;
    const reply = answerTo(operation, request);
    return { ...reply, headers: { ...headers, ...reply.headers } };
  };
}
