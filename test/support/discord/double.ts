import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../../src/time/clock.ts';
import { breakOff, isDone, type OddAnswer } from '../odd-answer.ts';
import { createScript } from '../script.ts';
import { createApi } from './api.ts';
import { createBan, mostInvalid } from './ban.ts';
import { type ChannelOptions, createChannels } from './channels.ts';
import { notFound, type Reply, type Seen } from './exchange.ts';
import { createGatewayDouble, type GatewayDouble } from './gateway.ts';
import { createInteractions, type Deed, type Person, type Seeing } from './interactions.ts';
import { type Limits, noLimits, realLimits } from './limits.ts';
import type { DoubleMessage } from './messages.ts';
import { findChecker } from './openapi.ts';
import type { Permission } from './permissions.ts';
import { nameOf } from './reactions.ts';
import { createRegistry, type RegisteredCommand } from './registry.ts';
import { decodePath, type Operation, operationOf } from './routes.ts';
import { userShape } from './shapes.ts';
import { createSnowflakes } from './snowflake.ts';
import { createWriting } from './writing.ts';

export type { ChannelOptions, Deed, DoubleMessage, Limits, Permission, Person, Seeing, Seen };

/** Has the form of a bot's token: its id, a time and a signature. */
export const fakeDiscordToken = 'MTE0NTE0MTkxOTgxMDg5MzE0OA.GfAkEt.oKeNoFtHeDoUbLe_oNlYfOrTeStS_0123456789';

/** Versions 9 and 10 are the same for everything that the double knows. */
const base = /^\/api\/v(?:9|10)(?=\/)/;

/** Discord's REST API v10 and its gateway on loopback, for one bot. */
export interface DiscordDouble {
  /** The value for `chats.discord.api`. */
  readonly url: string;
  readonly bot: { readonly id: string; readonly token: string };
  /**
   * Creates a channel in a new guild, in which the bot may do everything that Lookout needs; `without` removes
   * permissions. Returns its id.
   */
  createChannel(options?: ChannelOptions): string;
  setPermissions(channel: string, without: readonly Permission[]): void;
  deleteChannel(channel: string): void;
  /** Returns the threads of a channel, in the order in which they were opened. */
  threads(channel: string): readonly string[];
  /** Returns the messages of a channel, oldest first, as the API shows them. */
  messages(channel: string): readonly DoubleMessage[];
  deleteMessage(channel: string, id: string): void;
  readonly gateway: GatewayDouble;
  /** Returns the commands registered in a guild; without one, globally. */
  commands(guild?: string): readonly RegisteredCommand[];
  /** Returns the guild of a channel. */
  guildOf(channel: string): string;
  /** Lets a person use the bot in a channel. Throws if Discord would not allow it. */
  act(channel: string, person: Person, deed: Deed): Seeing;
  /** Every request, in order of arrival. */
  readonly seen: readonly Seen[];
  /**
   * Sets the answer to the next request whose `METHOD /path` (without `/api/v10`) matches; several are used one after
   * the other.
   */
  next(match: RegExp, answer: OddAnswer): void;
  /** Removes the answers of `next` that were not used. */
  forgetNext(): void;
  /** Gives every such request this answer until the returned function is called. */
  always(match: RegExp, answer: OddAnswer): () => void;
  /** Resolves with the first request, from now on, whose `METHOD /path` matches. */
  arrival(match: RegExp): Promise<Seen>;
  /** Off (initially), or as on Discord: 5 in 5 s per channel and route, 50 per second in total. */
  limits: 'off' | 'real' | Limits;
  /** Returns the reactions of a message: `name`, or `name:id` for a guild's own emoji. */
  reactions(channel: string, message: string): readonly string[];
  /** Returns the title of a post in a forum, and the names of its tags. */
  post(thread: string): { readonly title: string; readonly tags: readonly string[] };
  /** Archives a thread, as Discord does after a while without messages. */
  archive(thread: string): void;
  /** Locks or unlocks a thread. */
  setLocked(thread: string, locked: boolean): void;
  /** The pings so far; a test that expects some removes them. */
  readonly pings: string[];
  /** The addresses that would have unfurled. */
  readonly previews: readonly string[];
  /**
   * Number of answers 401, 403 and 429 in the last ten minutes, as Discord counts them: after too many the address is
   * banned.
   */
  readonly invalidRequests: number;
  /** Requests and answers that do not match Discord's own description of its API; empty if that file is missing. */
  readonly misfits: readonly string[];
  /** True if that file exists. */
  readonly isValidated: boolean;
  /** Makes the token invalid. `next`: the one that is valid from then on; by default none is. */
  revoke(next?: string): void;
  /** Closes the port and every connection: the next one is refused. */
  stopListening(): Promise<void>;
  stop(): Promise<void>;
}

export async function startDiscordDouble(
  options: {
    readonly clock?: Clock;
    readonly token?: string;
    /** Number of invalid requests in ten minutes that lead to the ban. Default 10,000. */
    readonly mostInvalid?: number;
  } = {},
): Promise<DiscordDouble> {
  const clock = options.clock ?? systemClock;
  const newId = createSnowflakes(clock.now);
  const given = options.token ?? fakeDiscordToken;
  let token: string | null = given;
  const bot = { id: newId(), username: 'Lookout', token: given };
  const channels = createChannels(newId, bot);
  const seen: (Seen & { status: number | null })[] = [];
  const script = createScript();
  const awaited: { match: RegExp; resolve: (request: Seen) => void }[] = [];
  const effects = { pings: [] as string[], previews: [] as string[] };
  const misfits: string[] = [];
  const checker = findChecker();
  const ban = createBan(clock.now, options.mostInvalid ?? mostInvalid);
  const writing = createWriting({ clock, newId, bot, channels, effects });
  const registry = createRegistry(bot.id, newId);
  const interactions = createInteractions({ clock, newId, bot, registry, effects, gateway: () => double.gateway });
  const api = createApi({
    now: clock.now,
    registry,
    interactions,
    gateway: () => {
      const { shards, remaining, concurrency } = double.gateway;
      return { url: socketUrl(), shards, remaining, concurrency };
    },
    bot,
    channels,
    writing,
    newId,
    token: () => token,
    limits: () => (double.limits === 'off' ? noLimits : double.limits === 'real' ? realLimits : double.limits),
  });

  /** Returns the double's own answer, checked. */
  function own(operation: Operation | null, request: Seen): Reply {
    if (operation === null) return notFound;
    const reply = api(operation, request);
    misfits.push(...(checker?.answer(operation, request.method, reply) ?? []));
    return reply;
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? '/', 'http://double.test');
    const request: Seen & { status: number | null } = {
      method: incoming.method ?? '',
      path: url.pathname.replace(base, ''),
      query: url.searchParams,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
      status: null,
    };
    seen.push(request);
    const operation = base.test(url.pathname) ? operationOf(request) : null;
    if (operation !== null) misfits.push(...(checker?.request(operation, request) ?? []));
    const line = `${request.method} ${decodePath(request.path)}`;
    const chosen = script.take(line);
    for (const waiter of awaited.filter(({ match }) => match.test(line))) {
      awaited.splice(awaited.indexOf(waiter), 1);
      waiter.resolve(request);
    }
    const reply = (answer: Reply) => {
      ban.count(answer);
      request.status = answer.status;
      write(response, answer);
    };
    const banned = ban.answer();
    if (banned) return reply(banned);
    if (chosen === undefined) return reply(own(operation, request));
    if (isDone(chosen)) own(operation, request);
    if (!('status' in chosen)) return breakOff(response, chosen, '{"id":"1');
    const { status, body = {}, headers = {} } = chosen;
    reply({ status, body, headers });
  }

  function write(response: ServerResponse, { status, body, headers }: Reply): void {
    const isText = typeof body === 'string';
    const type = body === null ? {} : { 'content-type': isText ? 'text/html' : 'application/json' };
    response.writeHead(status, { ...type, ...headers });
    response.end(body === null || isText ? body : JSON.stringify(body));
  }

  const http = createServer((incoming, response) => {
    handle(incoming, response).catch((cause: unknown) => response.destroy(cause as Error));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const socketUrl = () => `ws://127.0.0.1:${port}/gateway`;
  const gateway = createGatewayDouble(http, {
    clock,
    newId,
    token: () => token,
    resetToken: () => {
      token = null;
    },
    url: socketUrl,
    ready: (shard, has) => ({
      v: 10,
      user: userShape(bot, true),
      guilds: [...channels.guilds.keys()].filter(has).map((id) => ({ id, unavailable: true })),
      shard,
      application: { id: bot.id, flags: 0 },
    }),
  });

  const double: DiscordDouble = {
    url: `http://127.0.0.1:${port}/api`,
    gateway,
    commands: (guild = '') => registry.of(guild),
    guildOf: (channel) => channels.get(channel).guild?.id ?? '',
    act: (channel, person, deed) => interactions.tell(channels.get(channel), person, deed),
    bot,
    createChannel: (wanted) => channels.create(wanted).id,
    setPermissions: (channel, without) => channels.setPermissions(channels.get(channel), without),
    deleteChannel: (channel) => void channels.channels.delete(channel),
    threads: (channel) =>
      [...channels.channels.values()].flatMap(({ id, parent }) => (parent?.id === channel ? [id] : [])),
    post(thread) {
      const { name, applied, parent } = channels.get(thread);
      const tags = applied.map((id) => parent?.tags.find((tag) => tag.id === id)?.name ?? id);
      return { title: name, tags };
    },
    messages: (channel) => [...writing.of(channel)],
    reactions: (channel, message) => (writing.find(channel, message)?.reactions ?? []).map(nameOf),
    archive(thread) {
      channels.get(thread).archived = true;
    },
    setLocked(thread, locked) {
      channels.get(thread).locked = locked;
    },
    deleteMessage: (channel, id) => writing.remove(channel, id),
    seen,
    next: script.next,
    forgetNext: script.forgetNext,
    always: script.always,
    arrival: (match) => new Promise((resolve) => awaited.push({ match, resolve })),
    limits: 'off',
    ...effects,
    get invalidRequests() {
      return ban.recent();
    },
    misfits,
    isValidated: checker !== null,
    revoke(next) {
      token = next ?? null;
    },
    async stopListening() {
      const ended = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      gateway.drop();
      await ended;
    },
    stop: () => double.stopListening(),
  };
  return double;
}
