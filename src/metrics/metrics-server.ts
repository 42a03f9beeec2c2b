import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { createHostCheck } from '../http/own-host.ts';
import { pathOf } from '../http/path-of.ts';
import { reachableHost } from '../http/reachable-host.ts';
import type { Log } from '../log.ts';
import { cannotListen } from './metrics-start-error.ts';

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Names that it is asked for by, beside `host`, the machine's own and those of this machine alone. */
  readonly names: readonly string[];
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  /** Why Lookout is not ready, one line a cause; none: it is. No secret is in it. */
  readonly causesOfUnreadiness: () => readonly string[];
  readonly log: Log;
}

export interface MetricsServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Closes every socket, frees the port, and resolves when nothing is read any more. May be called again. */
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const text = (status: number, body: string): Answer => {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` };
};

/** To a page of somebody else's that reaches us under its own name. */
const notOurs = 'Ask for this by an address, as http://127.0.0.1:…, or put the name into `metrics: { names: … }`.';

/** Few ask, and each of them seldom: more connections than these are closed at once. */
const maxConnections = 50;
/** A request's headers have to be there within this time, the whole request within the other; nothing on a socket may stop for longer. Milliseconds. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 20_000;
const idleTimeoutMs = 30_000;

/**
 * Serves `GET /metrics` for Prometheus, `GET /healthz` (200 while the process answers at all) and `GET /readyz` (200, or 503
 * with the causes).
 *
 * @throws MetricsStartError where it cannot listen.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, metrics, log } = options;
  const underWay = new Set<Promise<void>>();
  const isOurs = createHostCheck([host, hostname(), ...options.names]);

  const routes: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
    '/metrics': async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.text() }),
    '/healthz': () => text(200, 'works'),
    '/readyz': () => {
      const causes = options.causesOfUnreadiness();
      return causes.length === 0 ? text(200, 'ready') : text(503, causes.join('\n'));
    },
  };

  async function answerTo(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    if (!isOurs(request)) return text(403, notOurs);
    const path = pathOf(request);
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined) return text(404, `There is nothing here but ${Object.keys(routes).join(', ')}.`);
    if (request.method === 'GET' || request.method === 'HEAD') return route();
    response.setHeader('Allow', 'GET, HEAD');
    return text(405, `${path} takes GET alone.`);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Whoever breaks off is no concern of anybody else's.
    response.on('error', () => {});
    // A body is of no use here. The server's timeouts bound how long it is thrown away.
    request.on('error', () => {}).resume();
    const answer = await answerTo(request, response).catch((err: unknown) => {
      log.error({ err }, `${pathOf(request)} could not be answered`);
      return text(500, 'Lookout failed on this: look into its log.');
    });
    response.writeHead(answer.status, {
      'Content-Type': answer.contentType,
      'Content-Length': Buffer.byteLength(answer.body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(answer.body);
  }

  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, connectionsCheckingInterval: 5_000 },
    (request, response) => {
      const serving = serve(request, response);
      underWay.add(serving);
      void serving.finally(() => underWay.delete(serving));
    },
  );
  server.maxConnections = maxConnections;
  server.timeout = idleTimeoutMs;
  try {
    server.listen(options.port, host);
    await once(server, 'listening');
  } catch (err) {
    throw cannotListen(host, options.port, err as NodeJS.ErrnoException);
  }

  async function stop(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await Promise.all([closed, ...underWay]);
  }
  let stopped: Promise<void> | null = null;

  const { address, port } = server.address() as AddressInfo;
  return {
    url: `http://${reachableHost(address)}:${port}`,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
