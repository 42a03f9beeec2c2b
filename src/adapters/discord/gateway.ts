import type { IContextFetchingStrategy, SessionInfo } from '@discordjs/ws';
import { foreignQuote } from '../../http/foreign-text.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import { type JsonObject, objectOf, textOf } from '../../text/json.ts';
import { backoffMs } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { DiscordClient } from './client.ts';
import { openShard } from './shard.ts';
import { troubleOf } from './trouble.ts';

export interface GatewayOptions {
  readonly client: DiscordClient;
  readonly api: string;
  readonly token: Secret;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** A new session began: what Discord says of us in it. */
  readonly onReady: (ready: JsonObject) => void;
  /** Something happened: its name, `INTERACTION_CREATE`, and what it is about. */
  readonly onDispatch: (name: string, data: JsonObject) => void;
}

/** The socket over which Discord tells what people do (https://discord.com/developers/docs/events/gateway). */
export interface Gateway {
  /** Connects, and again whenever the connection ends. Once is enough. */
  start(): void;
  /** Resolves when `signal` was aborted and no socket is left. */
  stop(): Promise<void>;
}

/** Waits between two connections, in milliseconds: longer from one failure to the next, since a bot may identify 1,000 times a day. */
const firstWaitMs = 1_000;
const longestWaitMs = 300_000;
const betweenSessionsMs = 5_500;
/** A connection that lasted so long was none of the failures, in milliseconds. */
const goodAfterMs = 60_000;
/** Number of the day's sessions that are left for restarts by hand. */
const sessionsLeft = 5;

/** No intents: interactions come without any (https://discord.com/developers/docs/events/gateway#list-of-intents). */
export function createGateway(options: GatewayOptions): Gateway {
  const { client, api, token, clock, log, signal } = options;
  let session: SessionInfo | null = null;
  let address: string | null = null;
  let running: Promise<void> | null = null;
  let wasReady = false;

  /** Asks Discord where to connect to; a wait if it does not say, or allows no more sessions. */
  async function findAddress(): Promise<{ readonly url: string } | { readonly retryInMs: number }> {
    const exchange = await client.request({ method: 'GET', route: '/gateway/bot' }, signal);
    if (exchange.kind !== 'ok') {
      const trouble = troubleOf(exchange, api);
      log.debug({ platform: 'discord', reason: trouble.reason }, 'Discord does not say where its gateway is');
      return { retryInMs: 'waitMs' in trouble ? trouble.waitMs : longestWaitMs };
    }
    const { url, session_start_limit: limit } = objectOf(exchange.body);
    const { remaining, reset_after: resetAfter } = objectOf(limit);
    if (typeof remaining === 'number' && remaining < sessionsLeft) {
      const waitMs = typeof resetAfter === 'number' ? Math.max(firstWaitMs, resetAfter) : longestWaitMs;
      log.warn(
        { platform: 'discord', remaining },
        `Discord allows ${remaining} more sessions today: none is begun now`,
      );
      return { retryInMs: waitMs };
    }
    const found = socketAddress(url);
    if (found !== null) return { url: found };
    log.warn({ platform: 'discord' }, 'Discord gave no address of its gateway');
    return { retryInMs: longestWaitMs };
  }

  /** One connection from its beginning to its end. Gives how long it was ready, in milliseconds; null if it never was. */
  async function connect(url: string): Promise<number | null> {
    let readyAt: number | null = null;
    const { DefaultWebSocketManagerOptions: defaults } = await import('@discordjs/ws');
    const came = (isNew: boolean) => {
      readyAt = clock.monotonic();
      log[wasReady ? 'debug' : 'info'](
        { platform: 'discord' },
        `commands are heard (${isNew ? 'new session' : 'resumed'})`,
      );
      wasReady = true;
    };
    let isOver = false;
    const strategy: IContextFetchingStrategy = {
      options: {
        ...defaults,
        token: token.reveal(),
        intents: 0,
        shardCount: 1,
        gatewayInformation: {
          url,
          shards: 1,
          session_start_limit: { total: 1, remaining: 1, reset_after: 0, max_concurrency: 1 },
        },
        handshakeTimeout: 15_000,
        helloTimeout: 20_000,
        readyTimeout: 20_000,
      },
      // A shard connects again by itself, twice a second; one that is over waits here for ever instead.
      retrieveSessionInfo: () => (isOver ? new Promise<never>(() => {}) : session),
      updateSessionInfo(_, info) {
        session = info !== null && socketAddress(info.resumeURL) === null ? null : info;
      },
      waitForIdentify: async () => {},
    };
    const end = await openShard(strategy, signal, {
      onReady(data) {
        came(true);
        options.onReady(data);
      },
      onResumed: () => came(false),
      onDispatch: options.onDispatch,
    });
    isOver = true;
    if (signal.aborted) return null;
    const reason = foreignQuote(end, token);
    log[readyAt === null ? 'warn' : 'info']({ platform: 'discord', reason }, `Discord’s gateway closed: ${reason}`);
    return readyAt === null ? null : clock.monotonic() - readyAt;
  }

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const found = session !== null && address !== null ? { url: address } : await findAddress();
      let waitMs = backoffMs(failures + 1, { firstMs: firstWaitMs, longestMs: longestWaitMs });
      if ('retryInMs' in found) waitMs = Math.max(waitMs, found.retryInMs);
      else {
        address = found.url;
        const lastedMs = await connect(found.url);
        if (lastedMs === null) session = null;
        if (lastedMs !== null && lastedMs >= goodAfterMs) {
          failures = 0;
          waitMs = firstWaitMs;
        }
      }
      // Discord takes one new session in five seconds.
      if (session === null) waitMs = Math.max(waitMs, betweenSessionsMs);
      failures++;
      await sleep(clock, waitMs, signal);
    }
  }

  return {
    start() {
      running ??= run().catch((err: unknown) =>
        log.error({ platform: 'discord', err }, 'the gateway failed on our side'),
      );
    },
    async stop() {
      await running;
    },
  };
}

/** An address that a socket can be opened to; null for anything else, on which a socket would throw. */
function socketAddress(value: unknown): string | null {
  const url = URL.parse(textOf(value) ?? '');
  return url !== null && /^wss?:$/.test(url.protocol) && url.hash === '' ? String(value).replace(/\/+$/, '') : null;
}
