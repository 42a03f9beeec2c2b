import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { pathOf } from '../http/path-of.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secrets/secret.ts';
import { withoutSecrets } from '../secrets/without-secrets.ts';
import { describeTrouble, troubleOf } from '../store/trouble.ts';
import type { Json } from '../words.ts';
import type { Route } from './route.ts';
import { shortPath, socketPathOf } from './socket-path.ts';

/** The socket's mode is 0600: this process's user alone may connect. */
const PRIVATE_UMASK = 0o177;
/** Limit of a request's body, bytes. A request of ours has a few hundred. */
const MOST_BYTES = 1_048_576;
/** Largest number of connections; further ones are closed at once. */
const MOST_CONNECTIONS = 50;
/** Time limits for a request's headers and for the whole request, ms. An answer may take longer. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;
/** Time for a client to read on in an answer, ms. */
const UNREAD_MS = 5_000;

export interface ControlServerOptions {
  /** The database file beside which the socket is. The caller holds its lock. */
  readonly storeFile: string;
  readonly routes: readonly Route[];
  /** Lookout's own. */
  readonly version: string;
  /** The values that no answer contains. */
  readonly secrets: () => readonly Secret[];
  readonly log: Log;
}

export interface ControlServer {
  /** Ends every connection, and removes the socket. Resolves when no request is being answered. */
  stop(): Promise<void>;
}

/**
 * Listens for the command line on a Unix domain socket beside the store. The lock on the store says that no other
 * process listens there, so a file that is there was left by a process that was killed, and is replaced. If the socket
 * cannot be made (some network file systems have none), Lookout runs without it and says so.
 */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { storeFile, log } = options;
  const file = socketPathOf(storeFile);
  const underWay = new Set<Promise<void>>();
  /** The requests that have not arrived as a whole. */
  const arriving = new Set<IncomingMessage>();
  const limits = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const server = createServer({ ...limits, connectionsCheckingInterval: 5_000 }, (request, response) => {
    arriving.add(request);
    request.once('end', () => arriving.delete(request)).once('close', () => arriving.delete(request));
    const serving = serve(options, request, response);
    underWay.add(serving);
    void serving.finally(() => underWay.delete(serving));
  });
  server.maxConnections = MOST_CONNECTIONS;
  try {
    await listen(server, file);
  } catch (err) {
    log.warn(
      { socket: file, err },
      `could not make the control socket ${file}; Lookout runs, but commands like \`lookout reload\` cannot reach it`,
    );
    return { stop: async () => {} };
  }
  server.on('error', (err) => log.warn({ socket: file, err }, `the control socket ${file} failed on one connection`));
  return {
    async stop() {
      const closed = once(server, 'close');
      server.close();
      // An answer that is being written is written.
      server.closeIdleConnections();
      for (const request of arriving) request.destroy();
      await Promise.all(underWay);
      server.closeAllConnections();
      await closed;
      rmSync(file, { force: true });
    },
  };
}

/** Returns true if a process answers on the control socket beside a file. */
export async function isAnswered(storeFile: string): Promise<boolean> {
  const short = shortPath(socketPathOf(storeFile));
  const socket = connect(short.path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
    short.end();
  }
}

async function listen(server: Server, file: string): Promise<void> {
  rmSync(file, { force: true });
  const short = shortPath(file);
  const before = process.umask(PRIVATE_UMASK);
  try {
    // Binds at once; only the event comes later.
    server.listen(short.path);
  } finally {
    process.umask(before);
  }
  try {
    await once(server, 'listening');
  } finally {
    short.end();
  }
}

async function serve(options: ControlServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A client that disconnects does not affect anything else.
  for (const stream of [request, response]) stream.on('error', () => {});
  const { status, body } = await answerTo(options, request).catch((err: unknown) => {
    options.log.error({ err }, `could not answer ${request.method} ${pathOf(request)} on the control socket`);
    const trouble = troubleOf(err);
    const text = trouble === null ? 'see its log' : describeTrouble(trouble, 'the database');
    return { status: 500, body: { error: `Lookout failed to answer this: ${text}` } };
  });
  const text = `${withoutSecrets(JSON.stringify(body), options.secrets())}\n`;
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  const written = once(response, 'close');
  response.setTimeout(UNREAD_MS, () => response.destroy());
  response.end(text);
  await written;
}

async function answerTo({ routes, version }: ControlServerOptions, request: IncomingMessage) {
  const path = pathOf(request);
  const route = routes.find((one) => one.path === path && one.method === request.method);
  if (route === undefined)
    return { status: 404, body: { error: `the running Lookout (version ${version}) does not know this command` } };
  const read = await bodyOf(request);
  if (!('text' in read)) return { status: read.status, body: { error: read.error } };
  const body = parsed(read.text);
  if (body === undefined) return { status: 400, body: { error: 'the body is not JSON' } };
  const { searchParams: query } = new URL(request.url ?? '/', 'http://socket');
  const answer = await route.handle({ query, body });
  return answer.outcome === 'done'
    ? { status: 200, body: answer.body }
    : { status: 409, body: { error: answer.error } };
}

type Body = { readonly text: string } | { readonly status: 400 | 413; readonly error: string };

/** Returns the body of a request, whatever length it claims to have. */
async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) return { status: 413, error: 'the request is too long' };
      chunks.push(chunk);
    }
  } catch {
    return { status: 400, error: 'the request was cut off' };
  }
  return { text: Buffer.concat(chunks).toString() };
}

function parsed(text: string): Json | undefined {
  if (text === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
