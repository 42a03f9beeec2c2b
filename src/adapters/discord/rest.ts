import { AsyncLocalStorage } from 'node:async_hooks';
import type { REST, RESTOptions } from '@discordjs/rest';

/** Takes one request to the network. */
export type Carry = RESTOptions['makeRequest'];

/** discord.js' client of the HTTP API. */
export interface DiscordRest {
  /** Makes a request, which `carry` takes to the network when it is at the head of its queue. */
  request(token: string, request: Parameters<REST['request']>[0], carry: Carry): Promise<unknown>;
}

/** The longest that a Node timer takes, in milliseconds. */
const neverMs = 2 ** 31 - 1;

/**
 * Loads discord.js' client of the HTTP API, which tries nothing twice, waits for nothing and has no timers of its own. It has
 * one `makeRequest` for all requests, which gets nothing of a request but URL and `fetch` options; so the `Carry` of a
 * request comes to it with the asynchronous context.
 */
export async function createRest(api: string): Promise<DiscordRest> {
  // The part of discord.js that speaks HTTP, in the version that it has: all of discord.js takes 12 MB more (measured on Node 26).
  const { REST } = await import('@discordjs/rest');
  const carries = new AsyncLocalStorage<Carry>();
  const rest = new REST({
    api: api.replace(/\/+$/, ''),
    makeRequest(url, init) {
      const carry = carries.getStore();
      if (carry === undefined) throw new Error('a request to Discord without its asynchronous context');
      return carry(url, init);
    },
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
  return {
    // A 401 makes it forget its token.
    request: (token, request, carry) => carries.run(carry, () => rest.setToken(token).request(request)),
  };
}
