import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

/** What an SDK hands us of a request; the subset of `RequestInit` that matrix-js-sdk and discord.js fill. */
export interface TransportInit {
  readonly method?: string | undefined;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly signal?: AbortSignal | null | undefined;
}

/** HTTP as the SDKs want it (`fetchFn`, `makeRequest`), over sockets of our own. */
export interface Transport {
  /**
   * Sends a request and reads the whole answer.
   * @throws TransportError when there is no whole answer
   */
  fetch(url: URL | string, init?: TransportInit): Promise<Response>;
  /** Closes every socket; what is in flight ends as a `TransportError`. */
  close(): void;
}

/**
 * There was no whole answer. `written` tells whether any byte of the request may have left this machine, which decides
 * between "certainly not accepted" and "unknown".
 *
 * The name is one that matrix-js-sdk hands on as it is: every other error it replaces by one without code and cause
 * (matrix-js-sdk 43, http-api/fetch.ts). discord.js takes it for a reason to retry, of which it is given none.
 */
export class TransportError extends Error {
  override readonly name = 'AbortError';
  readonly written: boolean;

  constructor(message: string, written: boolean, options?: ErrorOptions) {
    super(message, options);
    this.written = written;
  }
}

/** No answer that we ask for comes near this size; a larger one is not read to its end. */
const answerLimitBytes = 32 * 1024 * 1024;

/**
 * Opens no socket yet. Unlike the global `fetch` it knows whether bytes were written, can close its sockets, keeps the
 * abort signal while the body is read (the SDKs let go of it after the headers) and follows no redirect: a request with
 * a token belongs to the server that was configured, and nowhere else.
 */
export function createTransport(): Transport {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({ keepAlive: true });
  let closed = false;
  return {
    async fetch(target, init = {}) {
      if (closed) throw new TransportError('stopped', false);
      const url = new URL(target);
      const secure = url.protocol === 'https:';
      const { status, headers, body } = await exchange(url, init, secure, secure ? https : http);
      return toResponse(status, headers, body);
    },
    close() {
      closed = true;
      http.destroy();
      https.destroy();
    },
  };
}

interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

function exchange(url: URL, init: TransportInit, secure: boolean, agent: HttpAgent): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let written = false;
    const fail = (cause: Error) => reject(new TransportError(cause.message, written, { cause }));
    if (init.signal?.aborted) return fail(new Error('aborted before it began'));
    const body = typeof init.body === 'string' ? Buffer.from(init.body) : null;
    const request = (secure ? requestHttps : requestHttp)(url, {
      method: init.method ?? 'GET',
      headers: {
        ...Object.fromEntries(new Headers((init.headers ?? {}) as Record<string, string>)),
        ...(body ? { 'content-length': String(body.length) } : {}),
      },
      agent,
    });
    const abort = () => request.destroy(new Error('aborted'));
    init.signal?.addEventListener('abort', abort, { once: true });
    request.on('socket', (socket) => {
      // A TLS socket is ready only once the certificate was accepted; before that nothing of ours has left.
      if (request.reusedSocket || !socket.connecting) written = true;
      else socket.once(secure ? 'secureConnect' : 'connect', () => (written = true));
    });
    request.on('error', fail);
    request.on('close', () => {
      init.signal?.removeEventListener('abort', abort);
      fail(new Error('the connection ended before the answer did'));
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > answerLimitBytes) request.destroy(new Error(`the answer is larger than ${answerLimitBytes} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.end(body ?? undefined);
  });
}

/** Keeps of the headers what we read, and calls only that JSON which is: matrix-js-sdk throws away the status otherwise. */
function toResponse(status: number, headers: IncomingMessage['headers'], body: Buffer): Response {
  if (status < 200 || status > 599) throw new TransportError(`the answer has the impossible status ${status}`, true);
  const kept = new Headers();
  if (status < 300 || isJsonObject(body)) kept.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && /^(?:date|retry-after|x-ratelimit-.*)$/.test(name)) kept.set(name, value);
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
