import type { Log } from '../../log.ts';
import { counted } from '../../text/counted.ts';
import { objectOf, textOf } from '../../text/json.ts';
import type { DiscordClient } from './client.ts';
import { troubleOf } from './trouble.ts';

export interface GatewayAddressOptions {
  readonly client: DiscordClient;
  readonly api: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The gateway as Discord describes it to a bot. */
export interface GatewayAddress {
  readonly url: string;
  /** Number of shards that the bot should open. */
  readonly shards: number;
  /** Number of sessions that may begin before some are left for restarts by hand, at least 1; infinite if Discord did not say. */
  readonly sessions: number;
  /** Number of shards that may identify at a time. */
  readonly concurrency: number;
}

/** The address of the gateway, or the delay before the next request for it, ms. */
export type GatewayAnswer = GatewayAddress | { readonly retryInMs: number };

/** Shortest and longest delay before the next request, ms. */
const shortestWaitMs = 1_000;
const longestWaitMs = 300_000;
/** Longest time until Discord allows sessions again, ms (https://discord.com/developers/docs/events/gateway#session-start-limit-object). */
const dayMs = 86_400_000;
/** Number of the day's sessions that are left for restarts by hand. */
const sessionsLeft = 5;
/** No bot has more shards: a larger number is an error of a server. */
const mostShards = 10_000;

/**
 * Asks Discord for the address of its gateway and the number of shards (https://discord.com/developers/docs/events/gateway#get-gateway-bot).
 * Returns a wait if it does not say, or allows no more sessions.
 */
export async function findGateway({ client, api, log, signal }: GatewayAddressOptions): Promise<GatewayAnswer> {
  const exchange = await client.request({ method: 'GET', route: '/gateway/bot' }, signal);
  if (exchange.kind !== 'ok') {
    const trouble = troubleOf(exchange, api);
    log.debug({ platform: 'discord', reason: trouble.reason }, 'Discord does not say where its gateway is');
    return { retryInMs: 'waitMs' in trouble ? trouble.waitMs : longestWaitMs };
  }
  const { url, shards, session_start_limit: limit } = objectOf(exchange.body);
  const { remaining, reset_after: resetAfter, max_concurrency: concurrency } = objectOf(limit);
  if (typeof remaining === 'number' && remaining < sessionsLeft) {
    const waitMs =
      typeof resetAfter === 'number' ? Math.min(dayMs, Math.max(shortestWaitMs, resetAfter)) : longestWaitMs;
    log.warn(
      { platform: 'discord', remaining },
      `Discord allows ${counted(remaining, 'more session')} today: none is begun now`,
    );
    return { retryInMs: waitMs };
  }
  const found = socketAddress(url);
  if (found !== null)
    return {
      url: found,
      shards: countOf(shards, mostShards),
      sessions: typeof remaining === 'number' ? remaining - sessionsLeft + 1 : Number.POSITIVE_INFINITY,
      concurrency: countOf(concurrency, mostShards),
    };
  log.warn({ platform: 'discord' }, 'Discord gave no address of its gateway');
  return { retryInMs: longestWaitMs };
}

/** Returns a whole number from 1 to `most`; 1 for anything else. */
function countOf(value: unknown, most: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most ? value : 1;
}

/** An address that a socket can be opened to; null for anything else, on which a socket would throw. */
export function socketAddress(value: unknown): string | null {
  const url = URL.parse(textOf(value) ?? '');
  return url !== null && /^wss?:$/.test(url.protocol) && url.hash === '' ? String(value).replace(/\/+$/, '') : null;
}
