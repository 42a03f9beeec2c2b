import { type Clock, sleep } from '../../clock.ts';
import { foreignQuote } from '../../http/foreign-text.ts';
import { type JsonObject, objectOf, textOf } from '../../http/json.ts';
import { boundedWait, retryAfterHeader } from '../../http/retry-after.ts';
import { createTransport, TransportError } from '../../http/transport.ts';
import { withinTime } from '../../http/within-time.ts';
import type { Secret } from '../../secret.ts';

export interface ApiOptions {
  /** Without a slash at its end: `https://metasmoke.erwaysoftware.com/api`. */
  readonly api: string;
  readonly key: Secret;
  readonly clock: Clock;
}

/** What the API gave. The reason is fit for people and logs: it holds no key. */
export type ApiAnswer =
  | { readonly outcome: 'ok'; readonly body: JsonObject }
  | { readonly outcome: 'failed'; readonly reason: string };

/** metasmoke's REST and GraphQL API, asked one request after the other. */
export interface MetasmokeApi {
  /** `path` after the API's own, of fixed words; the key is added. */
  get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ApiAnswer>;
  graphql(query: string, signal: AbortSignal): Promise<ApiAnswer>;
  /** By how much our wall clock is ahead of the server's, in milliseconds, as its last answer said; 0 where it is not, by a second, or nobody knows. */
  readonly aheadMs: number;
  close(): void;
}

/** Between two requests, in milliseconds: it is other people's server. */
const paceMs = 200;
const timeoutMs = 30_000;
/** So often a request is made that gets no clear answer, and so long is waited before the next, in milliseconds. */
const tries = 4;
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string; readonly retryAfterMs: number | null }
  | { readonly kind: 'unanswered'; readonly text: string };

export function createMetasmokeApi({ api, key, clock }: ApiOptions): MetasmokeApi {
  const transport = createTransport();
  let notBefore = Number.NEGATIVE_INFINITY;
  let aheadMs = 0;
  const say = (text: string) => foreignQuote(text, key);

  /** It tells whole seconds: https://www.rfc-editor.org/rfc/rfc9110#name-date */
  function noteDate(date: string | null): void {
    const at = Date.parse(date ?? '');
    if (!Number.isNaN(at)) aheadMs = Math.max(0, clock.now() - at - 1_000);
  }

  async function attempt(url: URL, init: { method: string; body?: string }, signal: AbortSignal): Promise<Exchange> {
    try {
      const headers = { accept: 'application/json', 'content-type': 'application/json' };
      const response = await transport.fetch(url, { ...init, headers, signal });
      noteDate(response.headers.get('date'));
      const retryAfterMs = retryAfterHeader(response.headers.get('retry-after'), clock.now());
      return { kind: 'answer', status: response.status, text: await response.text(), retryAfterMs };
    } catch (error) {
      const text = error instanceof TransportError ? error.message : String(error);
      return { kind: 'unanswered', text: say(text) };
    }
  }

  async function ask(
    path: string,
    query: Readonly<Record<string, string>>,
    init: { method: string; body?: string },
    signal: AbortSignal,
  ): Promise<ApiAnswer> {
    const url = new URL(`${api}/${path}`);
    url.search = new URLSearchParams({ ...query, key: key.reveal() }).toString();
    for (let tried = 1; ; tried++) {
      await sleep(clock, Math.max(0, notBefore - clock.monotonic()), signal);
      if (signal.aborted) return { outcome: 'failed', reason: 'stopped' };
      notBefore = clock.monotonic() + paceMs;
      const exchange = await withinTime((ended) => attempt(url, init, ended), { clock, timeoutMs, signal });
      const read = readExchange(exchange);
      if ('outcome' in read) return read;
      if (tried >= tries || signal.aborted) return { outcome: 'failed', reason: read.reason };
      await sleep(clock, read.waitMs ?? Math.min(longestWaitMs, firstWaitMs * 2 ** (tried - 1)), signal);
    }
  }

  /** An answer, or why another try may help, and the wait that was asked for. */
  function readExchange(exchange: Exchange): ApiAnswer | { readonly reason: string; readonly waitMs: number | null } {
    if (exchange.kind === 'unanswered') return { reason: exchange.text, waitMs: null };
    const { status, text, retryAfterMs } = exchange;
    const body = parsed(text);
    if (status >= 200 && status < 300 && body !== null) return { outcome: 'ok', body };
    // Its errors are JSON for some things and HTML pages of 100 kB for others.
    const detail = body === null ? '' : (textOf(body.detail) ?? textOf(body.error) ?? '');
    const reason = `the API answered ${status}${detail === '' ? (body === null ? ', which is no JSON' : '') : `: ${say(detail)}`}`;
    if (status === 429) return { reason, waitMs: Math.min(longestWaitMs, boundedWait(retryAfterMs ?? longestWaitMs)) };
    return status >= 500 || status < 300 ? { reason, waitMs: null } : { outcome: 'failed', reason };
  }

  return {
    get: (path, query, signal) => ask(path, query, { method: 'GET' }, signal),
    async graphql(query, signal) {
      const answer = await ask('graphql', {}, { method: 'POST', body: JSON.stringify({ query }) }, signal);
      if (answer.outcome !== 'ok' || answer.body.errors === undefined) return answer;
      return { outcome: 'failed', reason: `the API answered with errors: ${say(JSON.stringify(answer.body.errors))}` };
    },
    get aheadMs() {
      return aheadMs;
    },
    close: () => transport.close(),
  };
}

function parsed(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? objectOf(value) : null;
  } catch {
    return null;
  }
}
