import type { HttpApiEvent, HttpApiEventHandlerMap, IRequestOpts, MatrixHttpApi, Method } from 'matrix-js-sdk';
import type { Logger } from 'matrix-js-sdk/lib/logger.js';
import { foreignLine, foreignQuote } from '../../http/foreign-text.ts';
import type { Network } from '../../http/network.ts';
import { boundedWait, retryAfterHeader } from '../../http/retry-after.ts';
import { createTransport, TransportError, type TransportInit } from '../../http/transport.ts';
import { withinTime } from '../../http/within-time.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import { listOf, objectOf, textOf } from '../../text/json.ts';
import type { Clock } from '../../time/clock.ts';
import type { Credentials } from '../platform.ts';
import { AuthorizedRequests } from './authorized-requests.ts';
import type { Exchange, Proof } from './exchange.ts';
import { printable } from './printable.ts';
import { Tokens } from './tokens.ts';

/** One request to the homeserver's client API. */
export interface Call {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** After `/_matrix/client/<version>`, its parts already URL-encoded. */
  readonly path: string;
  /** `v3` by default. */
  readonly version?: 'v1' | 'v3';
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  /** JSON text, sent byte for byte. */
  readonly body?: string;
  /** Milliseconds until the answer must be whole; default the client's own. */
  readonly timeoutMs?: number;
}

/** The homeserver, spoken to as one account. */
export interface HomeserverClient {
  /** Never throws for anything that a server or a network does. */
  request(call: Call, signal?: AbortSignal): Promise<Exchange>;
  /** Closes every socket. Requests in flight end as `unanswered`; resolves when no token is being stored. */
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly homeserver: string;
  readonly token: Secret;
  readonly refreshToken: Secret | null;
  readonly clientId: string | null;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly log: Log;
  readonly network: Network;
  readonly requestTimeoutMs: number;
}

type HttpApi = MatrixHttpApi<{ onlyData: true; baseUrl: string; prefix: string }>;
/**
 * Makes the SDK's client for one request. A client has one abort signal for all of its requests, and each request looks at all
 * listeners of that when it adds its own: for 3,000 rooms at once that took 2 s of CPU, and it grows by the square (measured, Node 26).
 */
type NewHttpApi = () => HttpApi;

/** Opens no socket and loads no SDK before the first request. */
export function createHomeserverClient(options: ClientOptions): HomeserverClient {
  const { clock, log, token } = options;
  const transport = createTransport(options.network);
  const tokens = new Tokens({ ...options, fetch: transport.fetch });
  const requests = new AuthorizedRequests(tokens, attempt, log);
  let sdk: Promise<NewHttpApi> | null = null;

  const say = (text: string) => foreignQuote(text, token);

  async function attempt(used: string, call: Call, signal: AbortSignal): Promise<Exchange> {
    sdk ??= createHttpApi(options, transport.fetch);
    const newHttpApi = await sdk;
    try {
      // Not as the SDK's own token, which is one for all requests.
      const authorization = { Authorization: `Bearer ${used}` };
      const headers = { ...authorization, ...(call.body !== undefined && { 'Content-Type': 'application/json' }) };
      const prefix = `/_matrix/client/${call.version ?? 'v3'}`;
      // `priority` is optional in the browser's types, which the SDK's are written for.
      const settings: IRequestOpts = { abortSignal: signal, headers, prefix, priority: undefined };
      const query = Object.fromEntries(
        Object.entries(call.query ?? {}).map(([key, value]) => [key, typeof value === 'string' ? value : [...value]]),
      );
      const body = await newHttpApi().request<unknown>(call.method as Method, call.path, query, call.body, settings);
      return { kind: 'ok', body: objectOf(body) };
    } catch (error) {
      if (error instanceof TransportError)
        return { kind: 'unanswered', written: error.written, text: say(error.message) };
      return refusal(error) ?? { kind: 'unanswered', written: true, text: 'the answer was not JSON' };
    }
  }

  /** The SDK's HTTPError and MatrixError by their shape, so that its classes need not be loaded to look at them. */
  function refusal(error: unknown): Exchange | null {
    const { httpStatus, httpHeaders, data } = objectOf(error);
    if (typeof httpStatus !== 'number') return null;
    const header = httpHeaders instanceof Headers ? httpHeaders.get('retry-after') : null;
    const code = textOf(objectOf(data).errcode);
    return {
      kind: 'refused',
      status: httpStatus,
      code: code === null ? null : say(code),
      text: say(textOf(objectOf(data).error) ?? ''),
      retryAfterMs: retryAfter(header, data, clock.wall()),
      ...proofOf(data),
    };
  }

  return {
    request(call, signal) {
      const timeoutMs = call.timeoutMs ?? options.requestTimeoutMs;
      return withinTime((ended) => requests.make(call, ended), { clock, timeoutMs, signal });
    },
    async close() {
      transport.close();
      await tokens.stop();
    },
  };
}

/** The proof that an answer asks for, if it does. */
function proofOf(data: unknown): { readonly proof?: Proof } {
  const { flows, session, params } = objectOf(data);
  if (!Array.isArray(flows)) return {};
  const stages = flows.map((flow) =>
    listOf(objectOf(flow).stages).flatMap((stage) => (textOf(stage) === null ? [] : [printable(String(stage))])),
  );
  // Of the Matrix Authentication Service: https://github.com/matrix-org/matrix-spec-proposals/pull/4312
  const pages = ['m.oauth', 'org.matrix.cross_signing_reset'].map((stage) =>
    textOf(objectOf(objectOf(params)[stage]).url),
  );
  const page = pages.find((url) => url !== null && URL.canParse(url)) ?? null;
  return { proof: { session: textOf(session), flows: stages, approveAt: page === null ? null : new URL(page).href } };
}

/** The SDK's HTTP client alone: all of the SDK takes 30 MB more (measured, matrix-js-sdk 43 on Node 26). */
async function createHttpApi(
  { homeserver, token, log }: ClientOptions,
  fetchFn: (url: URL | string, init?: TransportInit) => Promise<Response>,
): Promise<NewHttpApi> {
  const [{ MatrixHttpApi }, { TypedEventEmitter }] = await Promise.all([
    import('matrix-js-sdk/lib/http-api/index.js'),
    import('matrix-js-sdk/lib/models/typed-event-emitter.js'),
  ]);
  // It says when a token ends; a 401 says so, too.
  const emitter = new TypedEventEmitter<HttpApiEvent, HttpApiEventHandlerMap>();
  const settings = {
    baseUrl: homeserver,
    prefix: '/_matrix/client/v3',
    fetchFn: fetchFn as typeof globalThis.fetch,
    onlyData: true,
    logger: sdkLogger(log, token),
  } as const;
  return () => new MatrixHttpApi(emitter, settings);
}

/** The SDK writes to the console unless told otherwise. Its two lines a request are left out. */
function sdkLogger(log: Log, token: Secret): Logger {
  const say =
    (level: 'warn' | 'error') =>
    (...parts: unknown[]) => {
      const texts = parts.map((part) => (part instanceof Error ? part.message : (textOf(part) ?? '')));
      log[level]({ platform: 'matrix' }, foreignLine(`matrix-js-sdk: ${texts.join(' ')}`, token));
    };
  const quiet = () => {};
  const logger: Logger = {
    trace: quiet,
    debug: quiet,
    info: quiet,
    warn: say('warn'),
    error: say('error'),
    getChild: () => logger,
  };
  return logger;
}

/**
 * For how long an answer asks us to wait, in milliseconds, between 1 s and 1 h; null if it does not say.
 *
 * The header (seconds or an HTTP date) goes before `retry_after_ms` in the body, which is the older form
 * (https://spec.matrix.org/v1.16/client-server-api/#rate-limiting); Synapse 1.163 sends both, other servers one.
 */
export function retryAfter(header: string | null, body: unknown, now: number): number | null {
  const asked = retryAfterHeader(header, now) ?? fromBody(body);
  return asked === null ? null : boundedWait(asked);
}

function fromBody(body: unknown): number | null {
  const ms = objectOf(body).retry_after_ms;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : null;
}
