import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The parent's wish: a notice for each message, or one after so many. */
export type Ask = { readonly tellEach: true } | { readonly tellAfter: number };
export interface Counts {
  /** Messages since the last `Ask`. */
  readonly messages: number;
  /** All requests since the start, messages too. */
  readonly requests: number;
}
/**
 * `at`: when the message came, for `tellAfter` when the last one was answered; `first`: when the first since the asking
 * came. Nanoseconds of the machine's monotonic clock, as text; comparable between processes. Counts come every so often.
 */
export type Tell =
  | { readonly listening: number }
  | { readonly at: string; readonly first: string }
  | { readonly counts: Counts }
  | { readonly unknown: string };

/** Time between two reports of the counts to the parent, in milliseconds. */
const countEveryMs = 250;

let ask: Ask = { tellAfter: Number.POSITIVE_INFINITY };
let messages = 0;
/** Messages since the start: what an id is made of. */
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

/** Takes a message in, has it answered with the number of those so far and tells the parent of it as it asked. */
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

/** Tells the parent of a request that the platform does not know: a row that goes on without its answer measures something else. */
export function tellUnknown({ method, url }: IncomingMessage): void {
  tell({ unknown: `${method} ${url}` });
}

/**
 * A platform that costs next to nothing. It runs as a process of its own (`fork`), so that its work is not counted as the
 * client's, and tells its parent by IPC. It ends with its parent.
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
