import { foreignQuote } from '../../http/foreign-text.ts';
import type { Network } from '../../http/network.ts';
import { retryAfterHeader } from '../../http/retry-after.ts';
import { createTransport, TransportError } from '../../http/transport.ts';
import { withinTime } from '../../http/within-time.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { JsonObject } from '../../text/json.ts';
import { backoffMs } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { type Page, readFieldNames, readGraphqlBody, readPage } from './read-answer.ts';
import { type ApiAnswer, type Exchange, longestWaitMs, type ReadBody, readExchange } from './read-exchange.ts';

export interface ApiOptions {
  /** Base URL without a slash at the end: `https://metasmoke.erwaysoftware.com/api`. */
  readonly api: string;
  readonly key: Secret;
  readonly network: Network;
  readonly clock: Clock;
  /** Largest number of attempts for a request without a clear answer; default 4. */
  readonly tries?: number;
  /** Resolves when one more request may be made; default: at once. */
  readonly admit?: (signal: AbortSignal) => Promise<void>;
}

/** GraphQL refused a query, because it costs too much or names an unknown field. */
export interface GraphqlErrors {
  readonly outcome: 'errors';
  readonly reason: string;
}

/** metasmoke's REST and GraphQL API, used for one request at a time. */
export interface MetasmokeApi {
  /** Requests one page of a list over REST. `path` is the part after `v2.0/`, made of fixed words; the key is added. */
  list(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ApiAnswer<Page>>;
  /** Requests the names of all fields that REST can return, in its order. */
  fieldNames(signal: AbortSignal): Promise<ApiAnswer<readonly string[]>>;
  /** Returns the `data` of GraphQL's answer. */
  graphql(query: string, signal: AbortSignal): Promise<ApiAnswer<JsonObject> | GraphqlErrors>;
  /**
   * Time by which our wall clock is ahead of the server's, ms, according to its last answer; 0 if unknown or less than
   * a second.
   */
  readonly aheadMs: number;
  close(): void;
}

/** Delay between two requests, ms, out of respect for other people's server. */
const paceMs = 200;
const timeoutMs = 30_000;
/** Default number of attempts for a request without a clear answer. */
const usualTries = 4;

interface Request<T> {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly init: { readonly method: string; readonly body?: string };
  readonly read: ReadBody<T>;
}

export function createMetasmokeApi({ api, key, network, clock, tries = usualTries, admit }: ApiOptions): MetasmokeApi {
  const transport = createTransport(network);
  let notBefore = Number.NEGATIVE_INFINITY;
  let aheadMs = 0;
  const say = (text: string) => foreignQuote(text, key);

  /** The header has whole seconds: https://www.rfc-editor.org/rfc/rfc9110#name-date */
  function noteDate(date: string | null): void {
    const at = Date.parse(date ?? '');
    if (!Number.isNaN(at)) aheadMs = Math.max(0, clock.wall() - at - 1_000);
  }

  async function attempt(url: URL, init: { method: string; body?: string }, signal: AbortSignal): Promise<Exchange> {
    try {
      const headers = { accept: 'application/json', 'content-type': 'application/json' };
      const response = await transport.fetch(url, { ...init, headers, signal });
      noteDate(response.headers.get('date'));
      const retryAfterMs = retryAfterHeader(response.headers.get('retry-after'), clock.wall());
      return { kind: 'answer', status: response.status, text: await response.text(), retryAfterMs };
    } catch (error) {
      const text = error instanceof TransportError ? error.message : String(error);
      return { kind: 'unanswered', text: say(text) };
    }
  }

  async function ask<T>({ path, query, init, read }: Request<T>, signal: AbortSignal): Promise<ApiAnswer<T>> {
    for (let tried = 1; ; tried++) {
      await sleep(clock, Math.max(0, notBefore - clock.monotonic()), signal);
      await admit?.(signal);
      if (signal.aborted) return { outcome: 'failed', reason: 'stopped', status: null };
      notBefore = clock.monotonic() + paceMs;
      const used = key.reveal();
      const url = new URL(`${api}/${path}`);
      url.search = new URLSearchParams({ ...query, key: used }).toString();
      const exchange = await withinTime((ended) => attempt(url, init, ended), { clock, timeoutMs, signal });
      const answer = readExchange(exchange, read, say);
      const isKeyRefused = answer.outcome === 'failed' && answer.status === 403;
      if (isKeyRefused && (key.reveal() !== used || key.readAgain())) continue;
      if (answer.outcome !== 'unclear') return answer;
      const { waitMs, reason, status } = answer;
      // A requested wait holds for every following request.
      if (waitMs !== null) notBefore = clock.monotonic() + waitMs;
      if (tried >= tries || signal.aborted) return { outcome: 'failed', reason, status };
      await sleep(clock, waitMs ?? backoffMs(tried, { longestMs: longestWaitMs }), signal);
    }
  }

  return {
    list: (path, query, signal) =>
      ask({ path: `v2.0/${path}`, query, init: { method: 'GET' }, read: readPage }, signal),
    fieldNames: (signal) =>
      ask({ path: 'filter_fields', query: {}, init: { method: 'GET' }, read: readFieldNames }, signal),
    async graphql(query, signal) {
      const init = { method: 'POST', body: JSON.stringify({ query }) };
      const answer = await ask({ path: 'graphql', query: {}, init, read: readGraphqlBody }, signal);
      if (answer.outcome === 'failed') return answer;
      if (answer.body.kind === 'data') return { outcome: 'ok', body: answer.body.data };
      return {
        outcome: 'errors',
        reason: `the API answered with errors: ${say(JSON.stringify(answer.body.errors))}`,
      };
    },
    get aheadMs() {
      return aheadMs;
    },
    close: () => transport.close(),
  };
}
