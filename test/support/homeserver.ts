import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../src/time/clock.ts';
import { createApi, type Limit, type Reply, type Seen } from './homeserver-api.ts';
import { Rooms } from './homeserver-rooms.ts';
import { breakOff, isDone, type OddAnswer } from './odd-answer.ts';
import { createScript } from './script.ts';

export interface Homeserver {
  readonly url: string;
  readonly rooms: Rooms;
  readonly user: string;
  readonly device: string;
  /** Every request, in order of arrival. */
  readonly seen: readonly Seen[];
  /** Sets the answer to the next request whose `METHOD /path` matches; several are used one after the other. */
  next(match: RegExp, answer: OddAnswer): void;
  /** Removes the answers of `next` that were not used. */
  forgetNext(): void;
  /** Gives every such request this answer until the returned function is called. */
  always(match: RegExp, answer: OddAnswer): () => void;
  /** Resolves with the first request, from now on, whose `METHOD /path` matches. */
  arrival(match: RegExp): Promise<Seen>;
  /** Null (initially): no limit. */
  limit: Limit | null;
  /** Makes the sync return no new events, while everything else works. */
  frozen: boolean;
  /** Logs the account in again: on a new device, for which no transaction id is remembered. */
  logInAnew(): void;
  /** Gives the same device another access token and returns it; the old one becomes invalid. */
  replaceToken(): string;
  /** Makes the access token invalid. */
  revoke(): void;
  /** Closes the port and every connection: the next one is refused. */
  stopListening(): Promise<void>;
  stop(): Promise<void>;
}

export const fakeToken = 'syt_Ym90_fakeTokenOfTheBot_0';

/**
 * Starts a homeserver on loopback for one account, with the rules that were measured against Synapse 1.163.2: a
 * transaction id counts once per device, a lone surrogate is a 500, a plain message is accepted in an encrypted room,
 * 429 comes with the header and the body.
 */
export async function startHomeserver(
  options: { readonly clock?: Clock; readonly token?: string } = {},
): Promise<Homeserver> {
  const clock = options.clock ?? systemClock;
  const user = '@bot:fake.test';
  const device = 'FAKEDEVICE';
  const rooms = new Rooms(clock.now);
  const seen: Seen[] = [];
  const script = createScript();
  const awaited: { match: RegExp; resolve: (request: Seen) => void }[] = [];
  let token: string | null = options.token ?? fakeToken;
  let tokens = 1;
  const api = createApi({
    clock,
    rooms,
    user,
    device,
    token: () => token,
    limit: () => server.limit,
    frozen: () => server.frozen,
  });

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? '/', 'http://fake.test');
    const request: Seen = {
      method: incoming.method ?? '',
      path: url.pathname.replace(/^\/_matrix\/client(?:\/v3)?/, ''),
      query: url.searchParams,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    };
    seen.push(request);
    const line = `${request.method} ${decodeURIComponent(request.path)}`;
    const chosen = script.take(line);
    for (const waiter of awaited.filter(({ match }) => match.test(line))) {
      awaited.splice(awaited.indexOf(waiter), 1);
      waiter.resolve(request);
    }
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    if (chosen === undefined) return reply(response, await api.answer(request, closed));
    if (isDone(chosen)) await api.answer(request, closed);
    if (!('status' in chosen)) return breakOff(response, chosen, '{"event_id":"$half');
    const { status, body = {}, headers } = chosen;
    reply(response, { status, body, ...(headers && { headers }) });
  }

  /** Sends a text unchanged (an HTML page), everything else as JSON. */
  function reply(response: ServerResponse, { status, body, headers }: Reply): void {
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
    response.end(isText ? body : JSON.stringify(body));
  }

  const http = createServer((incoming, response) => {
    handle(incoming, response).catch((cause: unknown) => response.destroy(cause as Error));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  const server: Homeserver = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    rooms,
    user,
    device,
    seen,
    limit: null,
    frozen: false,
    next: script.next,
    forgetNext: script.forgetNext,
    always: script.always,
    arrival: (match) => new Promise((resolve) => awaited.push({ match, resolve })),
    logInAnew: () => api.logInAnew(),
    replaceToken() {
      token = `${options.token ?? fakeToken}_${++tokens}`;
      return token;
    },
    revoke() {
      token = null;
    },
    async stopListening() {
      const ended = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      await ended;
    },
    async stop() {
      api.stop();
      await server.stopListening();
    },
  };
  return server;
}
