import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../src/clock.ts';
import { createApi, type Limit, type Reply, type Seen } from './homeserver-api.ts';
import { Rooms } from './homeserver-rooms.ts';

/** An answer that the fake would not give by itself. */
export type Answer =
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      /** After it did what was asked. */
      readonly done?: true;
    }
  /** Takes the request in and closes the connection without an answer. `done`: after it did what was asked. */
  | { readonly lost: 'before' | 'done' }
  /** Takes the request in and never answers. */
  | { readonly hangs: true }
  /** Sends headers and half a body, then closes the connection. */
  | { readonly half: true }
  /** Sends headers and half a body, and no more. */
  | { readonly stalls: true };

export interface Homeserver {
  readonly url: string;
  readonly rooms: Rooms;
  readonly user: string;
  readonly device: string;
  /** Every request, in order of arrival. */
  readonly seen: readonly Seen[];
  /** Answers the next request whose `METHOD /path` matches otherwise; several are used one after the other. */
  next(match: RegExp, answer: Answer): void;
  /** Answers every such request so until the returned function is called. */
  always(match: RegExp, answer: Answer): () => void;
  /** Resolves with the first request, from now on, whose `METHOD /path` matches. */
  arrival(match: RegExp): Promise<Seen>;
  /** Null (as it starts): no limit. */
  limit: Limit | null;
  /** The sync answers as if nothing happened any more, while all else works. */
  frozen: boolean;
  /** The account logs in anew: its device is another one, which remembers no transaction id. */
  logInAnew(): void;
  /** The access token stops working. */
  revoke(): void;
  /** Closes the port and every connection: the next one is refused. */
  stopListening(): Promise<void>;
  stop(): Promise<void>;
}

export const fakeToken = 'syt_Ym90_fakeTokenOfTheBot_0';

/**
 * A homeserver on loopback for one account, by the rules that were measured against Synapse 1.163.2: a transaction id counts once per device,
 * a lone surrogate is a 500, a plain message is accepted in an encrypted room, 429 comes with the header and the body.
 */
export async function startHomeserver(
  options: { readonly clock?: Clock; readonly token?: string } = {},
): Promise<Homeserver> {
  const clock = options.clock ?? systemClock;
  const user = '@bot:fake.test';
  const device = 'FAKEDEVICE';
  const rooms = new Rooms(clock.now);
  const seen: Seen[] = [];
  const scripted: { match: RegExp; answer: Answer; once: boolean }[] = [];
  const awaited: { match: RegExp; resolve: (request: Seen) => void }[] = [];
  let token: string | null = options.token ?? fakeToken;
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
    const script = scripted.find(({ match }) => match.test(line));
    if (script?.once) scripted.splice(scripted.indexOf(script), 1);
    for (const waiter of awaited.filter(({ match }) => match.test(line))) {
      awaited.splice(awaited.indexOf(waiter), 1);
      waiter.resolve(request);
    }
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    const chosen = script?.answer;
    if (chosen === undefined) return reply(response, await api.answer(request, closed));
    if ('hangs' in chosen) return;
    if ('lost' in chosen) {
      if (chosen.lost === 'done') await api.answer(request, closed);
      response.destroy();
    } else if ('stalls' in chosen) {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"event_id":"$half');
    } else if ('half' in chosen) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"event_id":"$half', () => response.destroy());
    } else {
      if (chosen.done) await api.answer(request, closed);
      reply(response, {
        status: chosen.status,
        body: chosen.body ?? {},
        ...(chosen.headers ? { headers: chosen.headers } : {}),
      });
    }
  }

  /** A text is sent as it is (an HTML page), everything else as JSON. */
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
    next: (match, chosen) => void scripted.push({ match, answer: chosen, once: true }),
    always(match, chosen) {
      const script = { match, answer: chosen, once: false };
      scripted.push(script);
      return () => void scripted.splice(scripted.indexOf(script), 1);
    },
    arrival: (match) => new Promise((resolve) => awaited.push({ match, resolve })),
    logInAnew: () => api.logInAnew(),
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
