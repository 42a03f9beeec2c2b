import type { RequestMethod } from '@discordjs/rest';
import { foreignQuote } from '../../http/foreign-text.ts';
import type { Network } from '../../http/network.ts';
import { createTransport, type Transport, TransportError } from '../../http/transport.ts';
import { withinTime } from '../../http/within-time.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { Exchange, Failure, Held, Refused } from './exchange.ts';
import { type Answer, readRefusal } from './refusal.ts';
import { createRequestLimits, hasOwnToken, type RequestLimits, type RequestLimitsOptions } from './request-limits.ts';
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

/** Asks whose token it is: https://discord.com/developers/docs/resources/user#get-current-user */
export const whoami: Call = { method: 'GET', route: '/users/@me' };

/** Discord's API, spoken to as one bot. */
export interface DiscordClient {
  /** Never throws for anything that a server or a network does, and never sleeps because of a limit. */
  request(call: Call, signal?: AbortSignal): Promise<Exchange>;
  /** After a 401 nothing is asked until this says that the token is to be tried again. */
  trustToken(): void;
  /** Closes every socket. Requests in flight end as `unanswered`; resolves when they have. */
  close(): Promise<void>;
}

export interface ClientOptions extends RequestLimitsOptions {
  readonly api: string;
  readonly token: Secret;
  readonly network: Network;
  readonly requestTimeoutMs: number;
}

/** Opens no socket and loads no SDK (0.4 s) before the first request. */
export function createDiscordClient(options: ClientOptions): DiscordClient {
  return new BotClient(options);
}

class BotClient implements DiscordClient {
  readonly #options: ClientOptions;
  readonly #transport: Transport;
  readonly #limits: RequestLimits;
  readonly #underWay = new Set<Promise<Exchange>>();
  #sdk: Promise<DiscordRest> | null = null;
  #refusedToken: Refused | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#transport = createTransport(options.network);
    this.#limits = createRequestLimits(options);
  }

  async request(call: Call, signal?: AbortSignal): Promise<Exchange> {
    if (this.#refusedToken !== null) return this.#refusedToken;
    const { token } = this.#options;
    const used = token.reveal();
    const exchange = await this.#once(call, signal);
    if (exchange.kind !== 'refused' || !isAboutToken(call, exchange)) return exchange;
    const isReplaced = token.reveal() !== used || token.readAgain();
    // Nothing was done: the request can be made again, with another token of the same bot.
    if (isReplaced && (call === whoami || botOf(token.reveal()) === botOf(used))) return this.#once(call, signal);
    const remedy = isReplaced
      ? 'the one in its file now is of another bot: the next login is with it'
      : token.remedy(retryMinutes);
    this.#refusedToken = { ...exchange, remedy };
    return this.#refusedToken;
  }

  async #once(call: Call, signal?: AbortSignal): Promise<Exchange> {
    const { clock, requestTimeoutMs: timeoutMs } = this.#options;
    const running = withinTime((ended) => this.#attempt(call, ended), { clock, timeoutMs, signal });
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }

  trustToken(): void {
    this.#refusedToken = null;
  }

  async close(): Promise<void> {
    this.#transport.close();
    await Promise.allSettled(this.#underWay);
  }

  async #attempt(call: Call, signal: AbortSignal): Promise<Exchange> {
    const { api, token } = this.#options;
    this.#sdk ??= createRest(api);
    const rest = await this.#sdk;
    const kept: { answer: Answer | null } = { answer: null };
    const carry: Carry = async (url, init) => {
      const held = this.#limits.hold(call);
      if (held !== null) throw new HeldBack(held);
      kept.answer = await readWhole(await this.#transport.fetch(url, init));
      this.#limits.note(call, kept.answer);
      return answerForSdk(kept.answer);
    };
    try {
      const body = await rest.request(token.reveal(), requestForSdk(call, signal), carry);
      if (kept.answer !== null && kept.answer.status >= 300) return this.#refused(kept.answer, null);
      return { kind: 'ok', body: kept.answer?.status === 204 ? null : body };
    } catch (error) {
      if (kept.answer === null) return this.#unanswered(error, signal);
      if (kept.answer.status >= 300) return this.#refused(kept.answer, error);
      return { kind: 'unanswered', written: true, text: 'the answer was not JSON' };
    }
  }

  #refused(answer: Answer, error: unknown): Refused {
    return readRefusal(answer, error, this.#options.clock.wall(), (text) => this.#quote(text));
  }

  /** Returns the reason why no answer came. */
  #unanswered(error: unknown, signal: AbortSignal): Failure {
    if (error instanceof HeldBack) return error.held;
    if (error instanceof TransportError)
      return { kind: 'unanswered', written: error.written, text: this.#quote(error.message) };
    if (signal.aborted)
      return { kind: 'held', scope: 'room', waitMs: 1_000, text: 'an earlier request of its kind is still under way' };
    const text = error instanceof Error ? error.message : String(error);
    return { kind: 'unanswered', written: false, text: this.#quote(text) };
  }

  #quote(text: string): string {
    return foreignQuote(text, this.#options.token);
  }
}

/** The account logs in again so often, minutes. */
const retryMinutes = 5;

/** The first part of a token is the bot's id: https://docs.discord.com/developers/reference#authentication */
const botOf = (token: string) => token.split('.')[0];

function isAboutToken(call: Call, { status, isDiscords }: Refused): boolean {
  return status === 401 && isDiscords && !hasOwnToken(call);
}

/** A request that was not made, since Discord would have refused it. */
class HeldBack extends Error {
  readonly held: Held;

  constructor(held: Held) {
    super(held.text);
    this.held = held;
  }
}

async function readWhole(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, text: await response.text() };
}

function requestForSdk(
  { method, route, query, body }: Call,
  signal: AbortSignal,
): Parameters<DiscordRest['request']>[1] {
  return {
    method: method as RequestMethod,
    fullRoute: route,
    query: new URLSearchParams(query),
    ...(body !== undefined && { body, passThroughBody: true, headers: { 'content-type': 'application/json' } }),
    signal,
  };
}

/** discord.js gets none of the headers about limits: see buckets.ts. If there is no body, it must not look for JSON. */
function answerForSdk({ status, headers, text }: Answer): Response {
  if (status === 204 || status === 205 || status === 304) return new Response(null, { status });
  const type = headers.get('content-type');
  return new Response(text, { status, headers: type === null ? {} : { 'content-type': type } });
}
