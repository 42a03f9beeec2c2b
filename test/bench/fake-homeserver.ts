/**
 * A homeserver that costs next to nothing: it answers what Lookout asks and gives every message an event id. It runs as a
 * process of its own (`fork`), so that its work is not counted as the client's, and tells its parent by IPC:
 * `{ listening }` once, then `{ at }` for every message when asked to `tellEach`, or once when `tellAfter` messages came.
 */
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

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function sync(url: URL, response: ServerResponse): void {
  const since = Number(url.searchParams.get('since')?.slice(1) ?? '0');
  const holdMs = since === 0 ? 0 : Number(url.searchParams.get('timeout') ?? '0');
  const timer = setTimeout(() => answer(response, 200, { next_batch: `s${since + 1}`, rooms: {} }), holdMs);
  response.on('close', () => clearTimeout(timer));
}

function state(type: string, response: ServerResponse): void {
  if (type === 'm.room.member') answer(response, 200, { membership: 'join' });
  else if (type === 'm.room.power_levels') answer(response, 200, { users_default: 100 });
  else answer(response, 404, { errcode: 'M_NOT_FOUND', error: 'no such state event' });
}

function message(request: IncomingMessage, response: ServerResponse): void {
  const at = process.hrtime.bigint();
  request.resume();
  request.on('end', () => {
    if (messages++ === 0) first = at;
    answer(response, 200, { event_id: `$${messages}` });
    if ('tellEach' in ask) tell({ at: String(at), first: String(first) });
    else if (messages === ask.tellAfter) tell({ at: String(process.hrtime.bigint()), first: String(first) });
  });
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = url.pathname.replace(/^\/_matrix\/client\/(?:v3|r0)?/, '');
  const [, kind, room = '', part, type = ''] = path.split('/').map(decodeURIComponent);
  if (request.method === 'PUT' && part === 'send') return message(request, response);
  request.resume();
  if (kind === 'account') return answer(response, 200, { user_id: '@bench:localhost', device_id: 'BENCH' });
  if (kind === 'sync') return sync(url, response);
  if (part === 'state') return state(type, response);
  if (kind === 'join' || part === 'join') return answer(response, 200, { room_id: room });
  if (kind === 'user') return answer(response, 200, { filter_id: '1' });
  return answer(response, 404, { errcode: 'M_UNRECOGNIZED', error: path });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => tell({ listening: (server.address() as AddressInfo).port }));

process.on('message', (wanted: Ask) => {
  ask = wanted;
  messages = 0;
});
process.on('disconnect', () => process.exit(0));
