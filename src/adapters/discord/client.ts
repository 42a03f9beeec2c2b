import type { RequestMethod } from '@discordjs/rest';
import { foreignQuote } from '../../http/foreign-text.ts';
import { createTransport, TransportError } from '../../http/transport.ts';
import { withinTime } from '../../http/within-time.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { Clock } from '../../time/clock.ts';
import { createBuckets } from './buckets.ts';
import type { Exchange, Refused } from './exchange.ts';
import { createInvalidRequests } from './invalid-requests.ts';
import { type Answer, readRefusal } from './refusal.ts';
import { type Carry, createRest, type DiscordRest } from './rest.ts';

/** One request to Discord's API. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** After `/v10`, of ids, tokens of interactions, emoji (URL-encoded) and fixed words only. */
  readonly route: `/${string}`;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON text, sent byte for byte. */
  readonly body?: string;
}

/** Discord's API, spoken to as one bot. */
export interface DiscordClient {
  /** Never throws for anything that a server or a network does, and never sleeps because of a limit. */
  request(call: Call, signal?: AbortSignal): Promise<Exchange>;
  /** After a 401 nothing is asked until this says that the token is to be tried again. */
  trustToken(): void;
  /** Closes every socket. Requests in flight end as `unanswered`; resolves when they have. */
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly api: string;
  readonly token: Secret;
  readonly clock: Clock;
  readonly log: Log;
  readonly requestTimeoutMs: number;
  readonly requestsPerSecond: number;
  readonly invalidRequestLimit: number;
  readonly onInvalidRequest?: () => void;
}

/** A request that was not made, since Discord would have refused it. */
class HeldBack extends Error {
  readonly exchange: Exchange & { readonly kind: 'held' };

  constructor(exchange: Exchange & { readonly kind: 'held' }) {
    super(exchange.text);
    this.exchange = exchange;
  }
}

/** Opens no socket and loads no SDK (0.4 s) before the first request. */
export function createDiscordClient(options: ClientOptions): DiscordClient {
  const { clock, token, log, requestTimeoutMs: timeoutMs } = options;
  const transport = createTransport();
  const buckets = createBuckets(clock, options.requestsPerSecond);
  const invalid = createInvalidRequests({
    clock,
    limit: options.invalidRequestLimit,
    onCounted: () => options.onInvalidRequest?.(),
    onFull: (count, waitMs) =>
      log.error(
        { platform: 'discord', invalid: count },
        `Discord refused ${count} requests within 10 min and would ban this address at 10,000: no more requests for ${Math.ceil(waitMs / 1_000)} s`,
      ),
  });
  const underWay = new Set<Promise<Exchange>>();
  let sdk: Promise<DiscordRest> | null = null;
  let refusedToken: Refused | null = null;

  const say = (text: string) => foreignQuote(text, token);

  /** Asked as late as possible, with the request at the head of its queue. */
  function holdBack(bucket: string, isCounted: boolean): void {
    const bannedForMs = invalid.hold();
    if (bannedForMs !== null)
      throw heldBack('account', bannedForMs, 'too many of our requests were refused: Discord would ban this address');
    const full = buckets.take(bucket, isCounted);
    if (full !== null) throw heldBack(full.scope, full.waitMs, 'Discord’s rate limit is used up');
  }

  async function attempt(call: Call, signal: AbortSignal): Promise<Exchange> {
    sdk ??= createRest(options.api);
    const rest = await sdk;
    // All messages of a channel share one (https://discord.com/developers/docs/topics/rate-limits), and all their reactions:
    // only the channel's own id counts.
    const route = call.route.replace(/(\/messages)\/\d+/, '$1/:id').replace(/(\/reactions)\/.*$/, '$1/:emoji');
    const bucket = `${call.method} ${route}`;
    // Interactions have tokens of their own: one that is too old says nothing of ours.
    const hasOwnToken = /^\/(?:interactions|webhooks)\//.test(call.route);
    const kept: { answer: Answer | null } = { answer: null };
    const carry: Carry = async (url, init) => {
      // https://discord.com/developers/docs/topics/rate-limits#global-rate-limit: not for interactions.
      holdBack(bucket, !hasOwnToken);
      const { status, headers, body, text } = await transport.fetch(url, init).then(readWhole);
      kept.answer = { status, headers, text };
      invalid.note(status, headers.get('x-ratelimit-scope'));
      if (status < 300) buckets.note(bucket, headers);
      // Nothing of the limits for discord.js: see buckets.ts. Where there is no body, it must not look for JSON.
      const type = body === null ? null : headers.get('content-type');
      return new Response(body, { status, headers: type === null ? {} : { 'content-type': type } });
    };
    try {
      const request = {
        method: call.method as RequestMethod,
        fullRoute: call.route,
        query: new URLSearchParams(call.query),
        ...(call.body === undefined
          ? {}
          : { body: call.body, passThroughBody: true, headers: { 'content-type': 'application/json' } }),
        signal,
      };
      const body = await rest.request(token.reveal(), request, carry);
      return kept.answer !== null && kept.answer.status >= 300
        ? refused(kept.answer, null, hasOwnToken)
        : { kind: 'ok', body: kept.answer?.status === 204 ? null : body };
    } catch (error) {
      if (kept.answer !== null && kept.answer.status >= 300) return refused(kept.answer, error, hasOwnToken);
      if (kept.answer !== null) return { kind: 'unanswered', written: true, text: 'the answer was not JSON' };
      if (error instanceof HeldBack) return error.exchange;
      if (error instanceof TransportError)
        return { kind: 'unanswered', written: error.written, text: say(error.message) };
      if (signal.aborted) return heldBack('room', 1_000, 'an earlier request of its kind is still under way').exchange;
      return { kind: 'unanswered', written: false, text: say(error instanceof Error ? error.message : String(error)) };
    }
  }

  function refused(answer: Answer, error: unknown, hasOwnToken: boolean): Refused {
    const read = readRefusal(answer, error, clock.now(), say);
    if (read.status === 401 && read.isDiscords && !hasOwnToken) refusedToken = read;
    return read;
  }

  return {
    async request(call, signal) {
      if (refusedToken !== null) return refusedToken;
      const running = withinTime((ended) => attempt(call, ended), { clock, timeoutMs, signal });
      underWay.add(running);
      try {
        return await running;
      } finally {
        underWay.delete(running);
      }
    },
    trustToken() {
      refusedToken = null;
    },
    async close() {
      transport.close();
      await Promise.allSettled(underWay);
    },
  };
}

async function readWhole(response: Response) {
  const { status, headers } = response;
  const text = await response.text();
  return { status, headers, text, body: status === 204 || status === 205 || status === 304 ? null : text };
}

function heldBack(scope: 'room' | 'account', waitMs: number, text: string): HeldBack {
  return new HeldBack({ kind: 'held', scope, waitMs, text });
}
