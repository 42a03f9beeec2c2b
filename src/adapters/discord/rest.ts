import type { REST, RESTOptions } from '@discordjs/rest';
import type { TransportInit } from '../../http/transport.ts';

/** What takes one request to the network. */
export type Carry = (url: string, init: TransportInit) => Promise<Response>;

/** The longest that a Node timer takes, in milliseconds. */
const neverMs = 2 ** 31 - 1;

/**
 * discord.js' client of the HTTP API, which each request's `dispatcher`, a `Carry`, takes to the network: it is the one thing
 * of a request that reaches `makeRequest` untouched. It tries nothing twice, waits for nothing and has no timers of its own.
 */
export async function createRest(api: string): Promise<REST> {
  // The part of discord.js that speaks HTTP, in the version that it has: all of discord.js takes 12 MB more (measured on Node 26).
  const { REST } = await import('@discordjs/rest');
  const makeRequest: Carry = (url, init) => {
    const { dispatcher, ...rest } = init as TransportInit & { readonly dispatcher: Carry };
    return dispatcher(url, rest);
  };
  return new REST({
    api: api.replace(/\/+$/, ''),
    makeRequest: makeRequest as unknown as RESTOptions['makeRequest'],
    retries: 0,
    rejectOnRateLimit: () => true,
    // Counted by buckets.ts.
    globalRequestsPerSecond: Number.POSITIVE_INFINITY,
    // Our own clock ends a request; this is a timer that lives as long as the request.
    timeout: neverMs,
    // No sweepers: what they sweep is one small object a room.
    hashSweepInterval: 0,
    handlerSweepInterval: 0,
  });
}
