import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the parent asks for. */
export type Ask = { readonly tellEach: true } | { readonly tellAfter: number };
/**
 * `at`: when the message came, for `tellAfter` when the last one was answered; `first`: when the first since the asking
 * came. Nanoseconds of the machine's monotonic clock, as text; comparable between processes.
 */
export type Tell = { readonly listening: number } | { readonly at: string; readonly first: string };

let ask: Ask = { tellAfter: Number.POSITIVE_INFINITY };
let messages = 0;
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

/** Takes a message in, has it answered with its number and tells the parent of it as it asked. */
export function takeMessage(request: IncomingMessage, accept: (count: number) => void): void {
  const at = process.hrtime.bigint();
  request.resume();
  request.on('end', () => {
    if (messages++ === 0) first = at;
    accept(messages);
    if ('tellEach' in ask) tell({ at: String(at), first: String(first) });
    else if (messages === ask.tellAfter) tell({ at: String(process.hrtime.bigint()), first: String(first) });
  });
}

/**
 * A platform that costs next to nothing. It runs as a process of its own (`fork`), so that its work is not counted as the
 * client's, and tells its parent by IPC: `{ listening }` once, then `{ at }` for every message when asked to `tellEach`, or
 * once when `tellAfter` messages came. It ends with its parent.
 */
export function servePlatform(handle: (request: IncomingMessage, response: ServerResponse, url: URL) => void): void {
  const server = createServer((request, response) =>
    handle(request, response, new URL(request.url ?? '/', 'http://localhost')),
  );
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => tell({ listening: (server.address() as AddressInfo).port }));
  process.on('message', (wanted: Ask) => {
    ask = wanted;
    messages = 0;
  });
  process.on('disconnect', () => process.exit(0));
}
