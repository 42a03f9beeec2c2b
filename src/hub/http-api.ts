import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { pathOf } from '../http/path-of.ts';
import type { Log } from '../log.ts';
import type { KeyCheck } from './key-check.ts';
import { parseEvents } from './parse-events.ts';
import type { PreparedEvent } from './prepared-event.ts';
import { type Body, readBody } from './read-body.ts';

export interface HttpApiOptions {
  readonly catalogue: Catalogue;
  readonly isKey: KeyCheck;
  /** The largest body that `POST /events` accepts, bytes. */
  readonly bodyLimitBytes: number;
  readonly publish: (event: PreparedEvent) => void;
  readonly log: Log;
}

const about = `This is a Lookout hub: it serves metasmoke's WebSocket API.

Receive: GET /cable as a WebSocket with subprotocol actioncable-v1-json, then subscribe to ApiChannel
         with {"channel":"ApiChannel","key":"…","events":"posts#create;feedbacks"}.
Send:    POST /events with "Authorization: Bearer <key>"; the body is one JSON object, or one on each line:
         {"event_type":"create","event_class":"Announcement","object":{"id":1,"text":"Hello"}}
`;

/** Largest number of bodies read at once. Each is kept in memory until it is complete. */
const bodiesAtOnce = 4;

/** Bytes of events after which the sockets get a turn, so that a large request does not pile up before the clients. */
const turnEveryBytes = 256 * 1024;

/** Serves the plain HTTP routes of the hub: `POST /events`, and a text for browsers. */
export function createHttpApi(options: HttpApiOptions): RequestListener {
  const routes: Readonly<Record<string, { method: string; serve: RequestListener }>> = {
    '/': { method: 'GET', serve: (_, response) => answerText(response, 200, about) },
    '/cable': { method: 'GET', serve: refusePlainRequest },
    '/events': { method: 'POST', serve: serveEvents },
  };
  const taking: Taking = { bodies: 0, before: Promise.resolve() };
  function serveEvents(request: IncomingMessage, response: ServerResponse): void {
    takeEvents(request, response, options, taking).catch((err: unknown) => {
      options.log.error({ err }, 'POST /events failed');
      if (!response.headersSent) refuse(response, 500, 'the hub failed to handle this request', 'see its log');
    });
  }
  return (request, response) => {
    // A client that disconnects does not affect anything else.
    response.on('error', () => {});
    const path = pathOf(request);
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!route) return answerText(response, 404, `Nothing is served at this address. ${about}`);
    if (request.method === route.method || (request.method === 'HEAD' && route.method === 'GET')) {
      return route.serve(request, response);
    }
    response.setHeader('Allow', route.method);
    answerText(response, 405, `${path} accepts only ${route.method}.\n`);
  };
}

const refusePlainRequest: RequestListener = (_, response) => {
  response.setHeader('Upgrade', 'websocket');
  answerText(response, 426, 'Connect as a WebSocket client with subprotocol actioncable-v1-json.\n');
};

/** The requests to `POST /events` in progress. */
interface Taking {
  bodies: number;
  /** Resolves when the request before is done, so that bodies are parsed and published one after the other. */
  before: Promise<void>;
}

async function takeEvents(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpApiOptions,
  taking: Taking,
): Promise<void> {
  // Check the key before the body, so that nothing of a client without a key is kept.
  const [, key] = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (key === undefined || !options.isKey(key)) {
    response.setHeader('WWW-Authenticate', 'Bearer');
    return refuse(response, 401, 'the key is missing or unknown', 'send the header "Authorization: Bearer <key>"');
  }
  if (taking.bodies >= bodiesAtOnce) {
    response.setHeader('Retry-After', '1');
    return refuse(response, 503, `${bodiesAtOnce} requests are already being read`, 'retry in a second');
  }
  taking.bodies++;
  const done = Promise.withResolvers<void>();
  try {
    const body = await readBody(request, options.bodyLimitBytes);
    const { before } = taking;
    taking.before = done.promise;
    await before;
    await answerEvents(body, response, options);
  } finally {
    taking.bodies--;
    done.resolve();
  }
}

async function answerEvents(body: Body, response: ServerResponse, options: HttpApiOptions): Promise<void> {
  switch (body.outcome) {
    case 'gone':
      return;
    case 'tooLarge':
      return refuse(response, 413, `more than ${options.bodyLimitBytes} bytes`, 'send the events in several requests');
    case 'notUtf8':
      return refuse(response, 400, 'the body is not UTF-8', 'send JSON in UTF-8');
    case 'text': {
      const parsed = parseEvents(body.text, options.catalogue);
      if (parsed.outcome === 'problems') return answerJson(response, 400, { accepted: 0, problems: parsed.problems });
      await publishAll(parsed.events, options.publish);
      return answerJson(response, 200, { accepted: parsed.events.length });
    }
    default:
      return body satisfies never;
  }
}

async function publishAll(events: readonly PreparedEvent[], publish: (event: PreparedEvent) => void): Promise<void> {
  let bytes = 0;
  for (const event of events) {
    publish(event);
    bytes += event.tail.length;
    if (bytes < turnEveryBytes) continue;
    bytes = 0;
    await nextTurn();
  }
}

function refuse(response: ServerResponse, status: number, wrong: string, right: string): void {
  answerJson(response, status, { accepted: 0, problems: [{ line: null, wrong, right }] });
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  answer(response, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
}

function answerText(response: ServerResponse, status: number, text: string): void {
  answer(response, status, 'text/plain; charset=utf-8', text);
}

function answer(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
  // Discard the rest of the request instead of cutting the connection, so that the client can read the answer. The
  // server's requestTimeout limits the time.
  response.req.resume();
}
