import type { Network } from '../../http/network.ts';
import type { Log } from '../../log.ts';
import type { Message } from '../../render/message.ts';
import { speak } from '../../render/speak.ts';
import type { Secret } from '../../secrets/secret.ts';
import { objectOf } from '../../text/json.ts';
import type { Clock } from '../../time/clock.ts';
import type { Account, Adapter, LoginResult } from '../adapter.ts';
import type { Position, Turns } from '../platform.ts';
import type { OtherShards } from '../shards.ts';
import { createDiscordClient, whoami } from './client.ts';
import { idOf } from './exchange.ts';
import { findSend, type Progress } from './find.ts';
import { format, mostEmbeds, together } from './format/format.ts';
import { limits } from './format/limits.ts';
import type { ForumLook } from './forum.ts';
import { createFront, type DiscordCommands, type Front } from './front.ts';
import { GatewayMemory } from './gateway-memory.ts';
import { buttons } from './interaction.ts';
import { resolveRoom } from './resolve.ts';
import { createRooms } from './rooms.ts';
import { sayOnDiscord } from './say.ts';
import { sendMessage } from './send.ts';
import { createThreads } from './threads.ts';
import { troubleOf } from './trouble.ts';

export interface DiscordOptions extends DiscordCommands {
  readonly forum: ForumLook;
  /** Base URL of Discord's API without the version: `https://discord.com/api`, another server that speaks it, or a proxy. */
  readonly api: string;
  readonly token: Secret;
  readonly clock: Clock;
  readonly log: Log;
  readonly network: Network;
  /** Keeps the sessions of shards. */
  readonly position: Position;
  /** The turns of shards to identify, in all processes; missing: each keeps only its own pace. */
  readonly turns?: Turns | undefined;
  /** The shards that other units open; missing: there are no such units. */
  readonly otherShards?: OtherShards | undefined;
  /** Milliseconds until an answer must be whole. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** The most requests that a bot may make in any second. Default 50 (https://discord.com/developers/docs/topics/rate-limits#global-rate-limit). */
  readonly requestsPerSecond?: number;
  /** Number of answers of 401, 403 and 429 within 10 minutes after which no more requests are made. Default 5,000; Discord bans at 10,000, and other programs may share our address. */
  readonly invalidRequestLimit?: number;
  /** Called at each of these answers. */
  readonly onInvalidRequest?: () => void;
}

/**
 * "In the past few minutes" a repeated nonce gives the first message again
 * (https://discord.com/developers/docs/resources/message#create-message); two are a cautious reading, in milliseconds.
 */
const idempotentForMs = 120_000;

/** Discord by bot token: messages over its HTTP API, commands over its gateway. Opens no socket before `login`. */
export function createDiscordAdapter(options: DiscordOptions): Adapter {
  const { api, network, clock, log } = options;
  const client = createDiscordClient({
    ...options,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    requestsPerSecond: options.requestsPerSecond ?? 50,
    invalidRequestLimit: options.invalidRequestLimit ?? 5_000,
  });
  const rooms = createRooms(log, clock);
  const forumLook = options.forum;
  const threads = createThreads(log, clock);
  const progress: Progress = new Map();
  let account: Account | null = null;
  const ended = new AbortController();
  let front: Front | null = null;
  let say = sayOnDiscord([], options.form);
  const spoken = (message: Message) => speak(message, say);

  return {
    platform: 'discord',
    idempotentForMs,
    format: (message, key, room, mentions = []) =>
      format(spoken(message), key, { embeds: rooms.embeds(room), mentions, buttons: front === null ? null : buttons }),
    listen(listener) {
      say = sayOnDiscord(listener.table, options.form);
      const { roomOf } = rooms;
      const memory = new GatewayMemory({
        position: options.position,
        turns: options.turns,
        user: () => account?.id ?? null,
        log,
      });
      const bot = { client, api, token: options.token, network, memory, clock, log, roomOf, signal: ended.signal };
      front = createFront(options, listener, { ...bot, others: options.otherShards ?? null });
    },
    canEdit: true,
    togetherAtMost: mostEmbeds,
    bodyUnits: (room) => (rooms.embeds(room) ? limits.description : limits.content - titleUnits) - marginUnits,
    together: (messages, key, room, mentions = []) =>
      together(messages.map(spoken), key, { embeds: rooms.embeds(room), mentions }),
    async login(signal): Promise<LoginResult> {
      client.trustToken();
      const exchange = await client.request(whoami, signal);
      if (exchange.kind !== 'ok') {
        const trouble = troubleOf(exchange, api);
        return 'waitMs' in trouble
          ? { outcome: 'later', waitMs: trouble.waitMs, reason: trouble.reason }
          : { outcome: 'accountBroken', reason: trouble.reason };
      }
      const id = idOf(objectOf(exchange.body).id);
      if (id === null) return { outcome: 'later', waitMs: 60_000, reason: `${api} did not say whose token it is` };
      account = { id, device: null };
      front?.start();
      return { outcome: 'ready', account };
    },
    gathersSubjects: (room) => rooms.forum(room) !== null,
    seals: () => false,
    describeEncryption: async () => null,
    connections: () => front?.connections() ?? [],
    isAlias: () => false,
    async resolve(address, signal) {
      if (account === null) return notYet;
      return resolveRoom(address, { client, clock, api, rooms, forumLook, user: account.id }, signal);
    },
    async send(request, signal) {
      if (account === null) return { ...notYet, outcome: 'notAccepted', scope: 'account' };
      const context = { client, clock, log, api, rooms, threads, progress, forumLook, user: account.id };
      const result = await sendMessage(request, context, signal);
      // No send waits for this, and only the look of later messages depends on it. Ends with the client.
      if (result.outcome === 'sent' && rooms.isDue(request.room)) void resolveRoom(request.room, context, unhurried);
      return result;
    },
    async find(request, signal) {
      if (account === null) return notYet;
      return findSend(request, { client, clock, api, rooms, progress, forumLook, user: account.id }, signal);
    },
    async stop() {
      ended.abort();
      await Promise.all([client.close(), front?.stop()]);
    },
  };
}

/** Units that a title and the lines below a body take of a message without embeds, UTF-16. */
const titleUnits = 400;
const marginUnits = 100;

const unhurried = new AbortController().signal;
const notYet = { outcome: 'later', waitMs: 1_000, reason: 'not logged in yet' } as const;
