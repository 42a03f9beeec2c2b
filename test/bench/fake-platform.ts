import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request of the parent: a notice for each message, or one after a number of messages. */
export type Ask = { readonly tellEach: true } | { readonly tellAfter: number };
export interface Counts {
  /** Messages since the last `Ask`. */
  readonly messages: number;
  /** All requests since the start, including messages. */
  readonly requests: number;
}
/**
 * `at`: the time of the message, for `tellAfter` the time of the last answer; `first`: the time of the first message
 * since the request. Nanoseconds of the machine's monotonic clock, as text; comparable between processes. Counts are
 * sent at intervals.
 */
export type Tell =
  | { readonly listening: number }
  | { readonly at: string; readonly first: string }
  | { readonly counts: Counts }
  | { readonly unknown: string };

/** Interval between two reports of the counts to the parent, ms. */
const countEveryMs = 250;

let ask: Ask = { tellAfter: Number.POSITIVE_INFINITY };
let messages = 0;
/** Number of messages since the start, from which ids are made. */
let taken = 0;
let requests = 0;
let first = 0n;

const tell = (message: Tell) => process.send?.(message);

export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Accepts a message, has it answered with the number so far, and notifies the parent as requested. */
export function takeMessage(request: IncomingMessage, accept: (count: number) => void): void {
  const at = process.hrtime.bigint();
  request.resume();
  request.on('end', () => {
    if (messages++ === 0) first = at;
    accept(++taken);
    if ('tellEach' in ask) tell({ at: String(at), first: String(first) });
    else if (messages === ask.tellAfter) tell({ at: String(process.hrtime.bigint()), first: String(first) });
  });
}

/**
 * Reports a request that the platform does not know to the parent: a row that continues without its answer would
 * measure something else.
 */
export function tellUnknown({ method, url }: IncomingMessage): void {
  tell({ unknown: `${method} ${url}` });
}

/**
 * Serves a platform that costs almost nothing. It runs as a separate process (`fork`), so that its work is not counted
 * as the client's, and reports to its parent over IPC. It ends with its parent.
 */
export function servePlatform(handle: (request: IncomingMessage, response: ServerResponse, url: URL) => void): void {
  const server = createServer((request, response) => {
    requests++;
    handle(request, response, new URL(request.url ?? '/', 'http://localhost'));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => tell({ listening: (server.address() as AddressInfo).port }));
  process.on('message', (wanted: Ask) => {
    ask = wanted;
    messages = 0;
  });
  setInterval(() => tell({ counts: { messages, requests } }), countEveryMs);
  process.on('disconnect', () => process.exit(0));
}
