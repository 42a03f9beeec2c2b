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

/** The address of the gateway, or the delay before the next request for it, ms. */
export type GatewayAddress = { readonly url: string } | { readonly retryInMs: number };

/** Shortest and longest delay before the next request, ms. */
const shortestWaitMs = 1_000;
const longestWaitMs = 300_000;
/** Number of the day's sessions that are left for restarts by hand. */
const sessionsLeft = 5;

/**
 * Asks Discord for the address of its gateway (https://discord.com/developers/docs/events/gateway#get-gateway-bot). Returns a
 * wait if it does not say, or allows no more sessions.
 */
export async function findGateway({ client, api, log, signal }: GatewayAddressOptions): Promise<GatewayAddress> {
  const exchange = await client.request({ method: 'GET', route: '/gateway/bot' }, signal);
  if (exchange.kind !== 'ok') {
    const trouble = troubleOf(exchange, api);
    log.debug({ platform: 'discord', reason: trouble.reason }, 'Discord does not say where its gateway is');
    return { retryInMs: 'waitMs' in trouble ? trouble.waitMs : longestWaitMs };
  }
  const { url, session_start_limit: limit } = objectOf(exchange.body);
  const { remaining, reset_after: resetAfter } = objectOf(limit);
  if (typeof remaining === 'number' && remaining < sessionsLeft) {
    const waitMs = typeof resetAfter === 'number' ? Math.max(shortestWaitMs, resetAfter) : longestWaitMs;
    log.warn(
      { platform: 'discord', remaining },
      `Discord allows ${counted(remaining, 'more session')} today: none is begun now`,
    );
    return { retryInMs: waitMs };
  }
  const found = socketAddress(url);
  if (found !== null) return { url: found };
  log.warn({ platform: 'discord' }, 'Discord gave no address of its gateway');
  return { retryInMs: longestWaitMs };
}

/** An address that a socket can be opened to; null for anything else, on which a socket would throw. */
export function socketAddress(value: unknown): string | null {
  const url = URL.parse(textOf(value) ?? '');
  return url !== null && /^wss?:$/.test(url.protocol) && url.hash === '' ? String(value).replace(/\/+$/, '') : null;
}
