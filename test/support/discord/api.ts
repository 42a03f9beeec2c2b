import type { Clock } from '../../../src/clock.ts';
import type { Channel, Channels } from './channels.ts';
import { checkForm, emptyMessage, invalidForm, type MessageForm } from './check-message.ts';
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
import { createLimits, type Limits, tooMany } from './limits.ts';
import { type Mentions, mentionsOf } from './mentions.ts';
import { type DoubleMessage, mentionsShown, newMessage, page, shownOf, timestamp } from './messages.ts';
import { createNonces } from './nonces.ts';
import { previewsOf } from './previews.ts';
import { channelShape, guildShape, memberShape, ownShape, rolesShape, type User } from './shapes.ts';
import { isSnowflake, timeOf } from './snowflake.ts';

export interface ApiOptions {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly bot: User;
  readonly channels: Channels;
  readonly token: () => string | null;
  readonly limits: () => Limits;
  /** Told of what a message would have done besides being shown. */
  readonly pinged: (what: string) => void;
  readonly previewed: (what: string) => void;
}

/** A path with its ids replaced, as Discord's own description writes it; null where there is no such route. */
const routes: readonly (readonly [method: string, path: RegExp, route: string])[] = [
  ['GET', /^\/users\/@me$/, '/users/@me'],
  ['GET', /^\/gateway\/bot$/, '/gateway/bot'],
  ['GET', /^\/channels\/([^/]+)$/, '/channels/{channel_id}'],
  ['GET', /^\/channels\/([^/]+)\/messages$/, '/channels/{channel_id}/messages'],
  ['POST', /^\/channels\/([^/]+)\/messages$/, '/channels/{channel_id}/messages'],
  ['GET', /^\/channels\/([^/]+)\/messages\/([^/]+)$/, '/channels/{channel_id}/messages/{message_id}'],
  ['PATCH', /^\/channels\/([^/]+)\/messages\/([^/]+)$/, '/channels/{channel_id}/messages/{message_id}'],
  ['DELETE', /^\/channels\/([^/]+)\/messages\/([^/]+)$/, '/channels/{channel_id}/messages/{message_id}'],
  ['GET', /^\/guilds\/([^/]+)$/, '/guilds/{guild_id}'],
  ['GET', /^\/guilds\/([^/]+)\/roles$/, '/guilds/{guild_id}/roles'],
  ['GET', /^\/guilds\/([^/]+)\/members\/([^/]+)$/, '/guilds/{guild_id}/members/{user_id}'],
];

/** Which operation of Discord's description a request is; null if none that the double knows. */
export function operationOf(request: Seen): { readonly route: string; readonly ids: readonly string[] } | null {
  for (const [method, path, route] of routes) {
    const match = method === request.method ? path.exec(decodeURIComponent(request.path)) : null;
    if (match) return { route, ids: match.slice(1) };
  }
  return null;
}

const notFound = fail(404, 0, '404: Not Found');
const hourMs = 3_600_000;
/** Measured by others as three in twenty seconds a channel: https://github.com/discord/discord-api-docs/issues/4413 */
const oldEdits = { most: 3, perMs: 20_000 };

/** Discord's REST API as one bot sees it: every answer that the double gives by itself. */
export function createApi(options: ApiOptions) {
  const { clock, channels, bot, newId } = options;
  const nonces = createNonces<DoubleMessage>(clock.now);
  const limits = createLimits(clock.now, options.limits);
  const stored = new Map<string, DoubleMessage[]>();
  const lastSend = new Map<string, number>();
  const editsOfOld = new Map<string, number[]>();
  const messagesOf = (channel: string) => stored.get(channel) ?? [];

  /** What stands in the body, if it is a form at all. */
  function formOf(request: Seen): MessageForm | Reply {
    const type = String(request.headers['content-type'] ?? '');
    if (!type.startsWith('application/json')) {
      const message = `Expected "Content-Type" header to be one of {'application/json', 'multipart/form-data', 'application/x-www-form-urlencoded'}.`;
      return fail(400, 50035, message);
    }
    let body: unknown;
    try {
      body = JSON.parse(request.body);
    } catch {
      return fail(400, 50109, 'The request body contains invalid JSON.');
    }
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return fail(400, 50035, 'Invalid Form Body');
    return checkForm(body as Record<string, unknown>) ?? (body as MessageForm);
  }

  const isReply = (value: object): value is Reply => 'status' in value && 'body' in value;

  function mentionsIn(form: MessageForm, content: string): Mentions {
    const replied = form.message_reference?.message_id;
    return mentionsOf(content, form.allowed_mentions, replied === undefined ? null : bot.id);
  }

  function tellEffects(where: string, { everyone, users, roles }: Mentions, content: string, flags: number): void {
    if (everyone) options.pinged(`${where}: @everyone or @here`);
    for (const id of users) options.pinged(`${where}: <@${id}>`);
    for (const id of roles) options.pinged(`${where}: <@&${id}>`);
    for (const address of previewsOf(content, flags)) options.previewed(`${where}: ${address}`);
  }

  function mayNotSend(channel: Channel, form: MessageForm): Reply | null {
    const may = channels.may(channel);
    if (!may(channel.parent === null ? 'SendMessages' : 'SendMessagesInThreads')) return missingPermissions;
    if (form.embeds && form.embeds.length > 0 && !may('EmbedLinks')) return missingPermissions;
    if (channel.locked && !may('ManageThreads')) {
      return channel.archived ? fail(400, 50083, 'Thread is archived') : fail(403, 160005, 'Thread is locked');
    }
    const waitMs =
      (lastSend.get(channel.id) ?? Number.NEGATIVE_INFINITY) + channel.slowmodeSeconds * 1_000 - clock.now();
    if (waitMs <= 0) return null;
    const message = 'This action cannot be performed due to slowmode rate limit.';
    return tooMany(waitMs, 'shared', { code: 20016, message });
  }

  function create(channel: Channel, request: Seen): Reply {
    const form = formOf(request);
    if (isReply(form)) return form;
    const refused = mayNotSend(channel, form);
    if (refused) return refused;
    const nonce = form.nonce == null ? null : String(form.nonce);
    if (form.enforce_nonce && nonce !== null) {
      const first = nonces.find(channel.id, nonce);
      if (first !== undefined) return ok({ ...first, nonce: form.nonce });
    }
    const shown = shownOf(form);
    if (shown.content === '' && shown.embeds.length === 0) return emptyMessage;
    const replied = form.message_reference?.message_id;
    if (replied !== undefined && !messagesOf(channel.id).some(({ id }) => id === replied)) {
      const message = 'Unknown message';
      return invalidForm([{ at: 'message_reference', code: 'REPLIES_UNKNOWN_MESSAGE', message }]);
    }
    const mentions = mentionsIn(form, shown.content);
    const id = newId();
    const made = newMessage(id, channel.id, bot, clock.now(), { ...shown, ...mentionsShown(mentions) });
    stored.set(channel.id, [...messagesOf(channel.id), made]);
    channel.lastMessage = id;
    channel.archived = false;
    lastSend.set(channel.id, clock.now());
    if (nonce !== null) nonces.remember(channel.id, nonce, made);
    tellEffects(`POST ${channel.id}/${id}`, mentions, shown.content, shown.flags);
    return ok(nonce === null ? made : { ...made, nonce: form.nonce });
  }

  function edit(channel: Channel, id: string, request: Seen): Reply {
    const known = messagesOf(channel.id).find((message) => message.id === id);
    if (known === undefined) return unknownMessage;
    if (known.author.id !== bot.id) return fail(403, 50005, 'Cannot edit a message authored by another user');
    const form = formOf(request);
    if (isReply(form)) return form;
    if (channel.archived) return fail(400, 50083, 'Thread is archived');
    if (form.embeds && form.embeds.length > 0 && !channels.may(channel)('EmbedLinks')) return missingPermissions;
    const now = clock.now();
    if (now - timeOf(id) > hourMs) {
      const recent = (editsOfOld.get(channel.id) ?? []).filter((at) => now - at < oldEdits.perMs);
      if (recent.length >= oldEdits.most) {
        const message = 'Maximum number of edits to messages older than 1 hour reached. Try again later.';
        return tooMany((recent[0] ?? now) + oldEdits.perMs - now, 'shared', { code: 30046, message });
      }
      editsOfOld.set(channel.id, [...recent, now]);
    }
    const fresh = shownOf({ ...form, content: form.content ?? null });
    const content = form.content === undefined ? known.content : fresh.content;
    const embeds = form.embeds === undefined ? known.embeds : fresh.embeds;
    const flags = form.flags === undefined ? known.flags : fresh.flags;
    if (content === '' && embeds.length === 0) return emptyMessage;
    const mentions = mentionsIn(form, content);
    const edited = { ...known, content, embeds, flags, ...mentionsShown(mentions), edited_timestamp: timestamp(now) };
    stored.set(
      channel.id,
      messagesOf(channel.id).map((message) => (message === known ? edited : message)),
    );
    tellEffects(`PATCH ${channel.id}/${id}`, mentions, content, flags);
    return ok(edited);
  }

  function list(channel: Channel, query: URLSearchParams): Reply {
    const limit = Number(query.get('limit') ?? 50);
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
      const message = `int value should be ${limit < 1 ? 'greater than or equal to 1' : 'less than or equal to 100'}.`;
      return invalidForm([{ at: 'limit', code: limit < 1 ? 'NUMBER_TYPE_MIN' : 'NUMBER_TYPE_MAX', message }]);
    }
    const [before, after, around] = ['before', 'after', 'around'].map((name) => query.get(name));
    for (const [name, id] of Object.entries({ before, after, around }))
      if (id != null && !isSnowflake(id)) return notSnowflake(name, id);
    if (!channels.may(channel)('ReadMessageHistory')) return ok([]);
    const range = { before: before ?? null, after: after ?? null, around: around ?? null, limit };
    return ok(page(messagesOf(channel.id), range));
  }

  const notSnowflake = (at: string, id: string) =>
    invalidForm([{ at, code: 'NUMBER_TYPE_COERCE', message: `Value "${id}" is not snowflake.` }]);

  function inChannel(route: string, [id = '', message = '']: readonly string[], request: Seen): Reply {
    if (!isSnowflake(id)) return notSnowflake('channel_id', id);
    const channel = channels.channels.get(id);
    if (channel === undefined) return unknownChannel;
    if (!channels.may(channel)('ViewChannel')) return missingAccess;
    if (route === '/channels/{channel_id}') return ok(channelShape(channels, channel, bot));
    if (channel.kind === 'category' || channel.kind === 'forum') {
      return request.method === 'GET' ? ok([]) : fail(400, 50008, 'Cannot send messages in a non-text channel');
    }
    if (route === '/channels/{channel_id}/messages')
      return request.method === 'GET' ? list(channel, request.query) : create(channel, request);
    if (!isSnowflake(message)) return notSnowflake('message_id', message);
    if (request.method === 'PATCH') return edit(channel, message, request);
    const found = messagesOf(id).find((each) => each.id === message);
    if (found === undefined) return unknownMessage;
    if (request.method === 'GET') return channels.may(channel)('ReadMessageHistory') ? ok(found) : missingAccess;
    remove(id, message);
    return { status: 204, body: null };
  }

  function inGuild(route: string, [id = '', user = '']: readonly string[]): Reply {
    if (!isSnowflake(id)) return notSnowflake('guild_id', id);
    const guild = channels.guilds.get(id);
    if (guild === undefined) return unknownGuild;
    if (route === '/guilds/{guild_id}') return ok(guildShape(guild));
    if (route === '/guilds/{guild_id}/roles') return ok(rolesShape(guild));
    return user === bot.id ? ok(memberShape(guild, bot)) : unknownMember;
  }

  function remove(channel: string, id: string): void {
    stored.set(
      channel,
      messagesOf(channel).filter((message) => message.id !== id),
    );
  }

  return {
    messages: (channel: string): readonly DoubleMessage[] => messagesOf(channel),
    remove,
    answer(request: Seen): Reply {
      const operation = operationOf(request);
      const { authorization } = request.headers;
      const isPublic = operation === null;
      if (isPublic) return notFound;
      if (options.token() === null || authorization !== `Bot ${options.token()}`)
        return fail(401, 0, '401: Unauthorized');
      const { route, ids } = operation;
      const { headers, refused } = limits.pass(`${request.method} ${route}`, ids[0] ?? '');
      if (refused) return refused;
      const answered = (): Reply => {
        if (route === '/users/@me') return ok(ownShape(bot));
        if (route === '/gateway/bot') {
          const session_start_limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 };
          return ok({ url: 'wss://gateway.discord.gg', shards: 1, session_start_limit });
        }
        return route.startsWith('/channels') ? inChannel(route, ids, request) : inGuild(route, ids);
      };
      const reply = answered();
      return { ...reply, headers: { ...headers, ...reply.headers } };
    },
  };
}
