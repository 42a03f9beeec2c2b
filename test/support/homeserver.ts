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
  /** The refresh token that is good now; null (initially): there is none. */
  refreshToken: string | null;
  /** Lifetime in the answer to a refresh, ms; null: it has none. */
  expiresInMs: number | null;
  /** The access token ends; the session stays (soft logout). */
  expire(): void;
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
  const rooms = new Rooms(clock.wall);
  const seen: Seen[] = [];
  const script = createScript();
  const awaited: { match: RegExp; resolve: (request: Seen) => void }[] = [];
  let token: string | null = options.token ?? fakeToken;
  let tokens = 1;
  let expired: string | null = null;
  /** Tokens that were given out and not used yet: until then the old refresh token is good (Synapse 1.163, MAS). */
  let issued: { readonly access: string; readonly refresh: string } | null = null;

  /** Gives out new tokens for a refresh token; null if it is not good. */
  function issue(given: string | null) {
    if (issued !== null && given === issued.refresh) use(issued);
    if (given === null || given !== server.refreshToken) return null;
    tokens++;
    issued = { access: `syt_access_number_${tokens}`, refresh: `syr_refresh_number_${tokens}` };
    return issued;
  }

  function use({ access, refresh }: { readonly access: string; readonly refresh: string }): void {
    token = access;
    server.refreshToken = refresh;
    issued = null;
  }

  /** What is about tokens; null: anything else. */
  function answerAboutTokens(request: Seen): Reply | null {
    const bearer = String(request.headers.authorization ?? '').replace(/^Bearer /, '');
    if (issued !== null && bearer === issued.access) use(issued);
    if (expired !== null && bearer === expired)
      return { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: `${bearer} has expired`, soft_logout: true } };
    const expiry = server.expiresInMs;
    if (request.path === '/refresh') {
      const given = (JSON.parse(request.body) as { refresh_token: string }).refresh_token;
      const made = issue(given);
      if (made === null) return { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: `no such token: ${given}` } };
      const lifetime = expiry === null ? {} : { expires_in_ms: expiry };
      return { status: 200, body: { access_token: made.access, refresh_token: made.refresh, ...lifetime } };
    }
    if (request.path === '/v1/auth_metadata')
      return { status: 200, body: { issuer: server.url, token_endpoint: `${server.url}/oauth2/token` } };
    if (request.path === '/oauth2/token') {
      const form = new URLSearchParams(request.body);
      const isRight = form.get('grant_type') === 'refresh_token' && form.get('client_id') === '01JCLIENT';
      const made = isRight ? issue(form.get('refresh_token')) : null;
      if (made === null)
        return { status: 400, body: { error: 'invalid_grant', error_description: `no: ${form.get('refresh_token')}` } };
      const lifetime = expiry === null ? {} : { expires_in: expiry / 1_000 };
      return {
        status: 200,
        body: { access_token: made.access, refresh_token: made.refresh, token_type: 'Bearer', ...lifetime },
      };
    }
    return null;
  }
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
    const answer = async () => answerAboutTokens(request) ?? (await api.answer(request, closed));
    if (chosen === undefined) return reply(response, await answer());
    if (isDone(chosen)) await answer();
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
    refreshToken: null,
    expiresInMs: null,
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
    expire() {
      expired = token;
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
