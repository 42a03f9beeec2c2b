import { Agent, type Dispatcher } from 'undici';
import { createConnector, type Network } from './network.ts';
import { networkErrorText } from './network-error-text.ts';

/** A request of an SDK: the subset of `RequestInit` that matrix-js-sdk and discord.js fill. */
export interface TransportInit {
  readonly method?: string | undefined;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly signal?: AbortSignal | null | undefined;
}

/** HTTP in the form that the SDKs need (`fetchFn`, `makeRequest`), over sockets of our own. */
export interface Transport {
  /**
   * Sends a request and reads the whole answer.
   * @throws TransportError if there is no whole answer
   */
  fetch(url: URL | string, init?: TransportInit): Promise<Response>;
  /** Closes every socket; a request in flight fails with a `TransportError`. */
  close(): void;
}

/**
 * No complete answer was received. `written` is true if any byte of the request may have left this machine, which
 * decides between "certainly not accepted" and "unknown".
 *
 * matrix-js-sdk passes an error of this name on unchanged; it replaces every other error by one without code and cause
 * (matrix-js-sdk 43, http-api/fetch.ts). discord.js retries on this name, but its retries are set to none.
 */
export class TransportError extends Error {
  override readonly name = 'AbortError';
  readonly written: boolean;

  constructor(message: string, written: boolean, options?: ErrorOptions) {
    super(message, options);
    this.written = written;
  }
}

/** Limit of an answer, bytes; no expected answer comes near it. A larger one is not read to its end. */
const answerLimitBytes = 32 * 1024 * 1024;

/** Largest number of connections to one server. Further requests wait for one. */
const mostConnections = 64;

/**
 * Creates a transport; it opens no socket yet. Unlike the global `fetch` it knows whether bytes were written, can close
 * its sockets, and keeps the abort signal while the body is read (the SDKs drop it after the headers). It follows no
 * redirect, because a request with a token must only go to the configured server.
 */
export function createTransport(network: Network): Transport {
  const closing = new AbortController();
  const connect = createConnector(network, closing.signal);
  // The caller's timeout ends a request: https://undici.nodejs.org/#/docs/api/Client.md
  const agent = new Agent({ connections: mostConnections, headersTimeout: 0, bodyTimeout: 0, connect });
  let closed = false;
  return {
    async fetch(target, init = {}) {
      if (closed) throw new TransportError('stopped', false);
      const { status, headers, body } = await exchange(new URL(target), init, {
        agent,
        mayWrite: network.mayWrite ?? always,
      });
      return toResponse(status, headers, body);
    },
    close() {
      closed = true;
      closing.abort();
      void agent.destroy(new Error('stopped'));
    },
  };
}

interface RawAnswer {
  readonly status: number;
  /** Alternating names and values. */
  readonly headers: readonly Buffer[];
  readonly body: Buffer;
}

const always = () => true;

interface Way {
  readonly agent: Agent;
  readonly mayWrite: () => boolean;
}

function exchange(url: URL, init: TransportInit, { agent, mayWrite }: Way): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const { signal } = init;
  const chunks: Buffer[] = [];
  let written = false;
  let status = 0;
  let headers: readonly Buffer[] = [];
  let size = 0;
  /** Ends the request; null before it has a connection. */
  let end: ((error: Error) => void) | null = null;
  const fail = (cause: Error) => {
    signal?.removeEventListener('abort', abort);
    reject(new TransportError(networkErrorText(cause), written, { cause }));
  };
  const abort = () => {
    const error = new Error('aborted');
    fail(error);
    end?.(error);
  };
  if (signal?.aborted) {
    fail(new Error('aborted before it began'));
    return promise;
  }
  signal?.addEventListener('abort', abort, { once: true });
  const handler: Dispatcher.DispatchHandlers = {
    // The connection is open (over TLS: its certificate was accepted), and the request is written from here on.
    onConnect(endRequest) {
      if (signal?.aborted) return endRequest(new Error('aborted'));
      if (!mayWrite()) return endRequest(new Error('this process may not send any more'));
      written = true;
      end = endRequest;
    },
    onHeaders(code, rawHeaders) {
      status = code;
      headers = rawHeaders;
      return true;
    },
    onData(chunk) {
      size += chunk.length;
      chunks.push(chunk);
      if (size > answerLimitBytes) end?.(new Error(`the answer is larger than ${answerLimitBytes} bytes`));
      return true;
    },
    onComplete() {
      signal?.removeEventListener('abort', abort);
      resolve({ status, headers, body: Buffer.concat(chunks) });
    },
    onError: fail,
  };
  const request = {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: (init.method ?? 'GET') as Dispatcher.HttpMethod,
    headers: plainHeaders(init.headers),
    body: typeof init.body === 'string' ? init.body : null,
  };
  try {
    agent.dispatch(request, handler);
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)));
  }
  return promise;
}

function plainHeaders(headers: unknown): Record<string, string> {
  if (headers instanceof Headers) return Object.fromEntries(headers);
  return (headers ?? {}) as Record<string, string>;
}

/** Keeps the headers that Lookout reads, and marks only valid JSON as JSON: otherwise matrix-js-sdk discards the status. */
function toResponse(status: number, headers: readonly Buffer[], body: Buffer): Response {
  if (status < 200 || status > 599) throw new TransportError(`the answer has the invalid status ${status}`, true);
  const kept: Record<string, string> = {};
  if (status < 300 || isJsonObject(body)) kept['content-type'] = 'application/json';
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = String(headers[at]).toLowerCase();
    if (/^(?:date|location|retry-after|x-ratelimit-.*)$/.test(name)) kept[name] = String(headers[at + 1]);
  }
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : new Uint8Array(body), { status, headers: kept });
}

function isJsonObject(body: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
