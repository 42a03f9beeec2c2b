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
  /** 0 takes any free port. */
  readonly port: number;
  /** Host names under which it may be requested, besides `host`, the machine's own names and loopback names. */
  readonly names: readonly string[];
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  /** Returns the causes why Lookout is not ready, one line each, without secrets; empty if it is ready. */
  readonly causesOfUnreadiness: () => Promise<readonly string[]> | readonly string[];
  readonly log: Log;
}

export interface MetricsServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Closes every socket, frees the port, and resolves when no query is running. May be called more than once. */
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

/** The answer to a request under a foreign host name, as from a web page that points its own name here. */
const notOurs =
  'Request this by an address, for example http://127.0.0.1:…, or add the name to `metrics: { names: … }`.';

/** Largest number of connections; further ones are closed at once. Few clients need one, and rarely. */
const maxConnections = 50;
/** Time limits for a request's headers, for the whole request, and for silence on a socket, ms. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 20_000;
const idleTimeoutMs = 30_000;

/**
 * Serves `GET /metrics` for Prometheus, `GET /healthz` (200 while the process answers) and `GET /readyz` (200, or 503
 * with the causes).
 *
 * @throws MetricsStartError if it cannot listen.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, metrics, log } = options;
  const underWay = new Set<Promise<void>>();
  const isOurs = createHostCheck([host, hostname(), ...options.names]);

  const routes: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
    '/metrics': async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.text() }),
    '/healthz': () => text(200, 'works'),
    '/readyz': async () => {
      const causes = await options.causesOfUnreadiness();
      return causes.length === 0 ? text(200, 'ready') : text(503, causes.join('\n'));
    },
  };

  async function answerTo(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    if (!isOurs(request)) return text(403, notOurs);
    const path = pathOf(request);
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined) return text(404, `Only ${Object.keys(routes).join(', ')} are served here.`);
    if (request.method === 'GET' || request.method === 'HEAD') return route();
    response.setHeader('Allow', 'GET, HEAD');
    return text(405, `${path} accepts only GET.`);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that disconnects does not affect anything else.
    response.on('error', () => {});
    // A body is not used. The server's timeouts limit the time for which it is read and discarded.
    request.on('error', () => {}).resume();
    const answer = await answerTo(request, response).catch((err: unknown) => {
      log.error({ err }, `could not answer ${pathOf(request)}`);
      return text(500, 'Lookout failed to answer this request: see its log.');
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
