import { once } from 'node:events';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { type Log, silentLog } from '../../src/log.ts';
import { type MetricsServer, type MetricsServerOptions, startMetricsServer } from '../../src/metrics/metrics-server.ts';
import { MetricsStartError } from '../../src/metrics/metrics-start-error.ts';

const servers: MetricsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(options: Partial<MetricsServerOptions> = {}): Promise<MetricsServer> {
  const metrics = { text: async () => 'a 1\n', contentType: 'text/plain; version=0.0.4' };
  const defaults = { host: '127.0.0.1', port: 0, names: [], metrics, causesOfUnreadiness: () => [], log: silentLog };
  const server = await startMetricsServer({ ...defaults, ...options });
  servers.push(server);
  return server;
}

describe('over HTTP', () => {
  it.each([
    ['GET', '/metrics', 200, 'a 1\n'],
    ['GET', '/metrics?x=1', 200, 'a 1\n'],
    ['HEAD', '/metrics', 200, ''],
    ['GET', '/healthz', 200, 'works\n'],
    ['GET', '/readyz', 200, 'ready\n'],
    ['POST', '/metrics', 405, '/metrics accepts only GET.\n'],
    ['DELETE', '/healthz', 405, '/healthz accepts only GET.\n'],
    ['GET', '/', 404, 'Only /metrics, /healthz, /readyz are served here.\n'],
    ['GET', '/constructor', 404, 'Only /metrics, /healthz, /readyz are served here.\n'],
  ])('answers %s %s with %i', async (method, path, status, body) => {
    const { url } = await start();
    const response = await fetch(url + path, { method });
    expect([response.status, await response.text()]).toEqual([status, body]);
    if (status === 405) expect(response.headers.get('allow')).toBe('GET, HEAD');
    if (path === '/metrics' && status === 200)
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
  });

  it.each([
    ['127.0.0.1', 200],
    ['127.0.0.1:9464', 200],
    ['192.168.1.7', 200],
    ['[::1]:9464', 200],
    ['localhost:9464', 200],
    ['LOCALHOST.', 200],
    ['a.localhost', 200],
    [hostname(), 200],
    ['lookout.internal:9464', 200],
    ['evil.example', 403],
    ['evil.example:9464', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['[evil.example]', 403],
    ['evil.example@127.0.0.1', 403],
    ['', 403],
  ])('answers a request for the host "%s" with %i', async (host, status) => {
    const { url } = await start({ names: ['lookout.internal'] });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end(`GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const said = await text(socket);
    expect([Number(said.slice(9, 12)), said.includes('a 1\n')]).toEqual([status, status === 200]);
  });

  it('says why it is not ready, one line per cause', async () => {
    const { url } = await start({ causesOfUnreadiness: () => ['source: x', 'matrix: y'] });
    const response = await fetch(`${url}/readyz`);
    expect([response.status, await response.text()]).toEqual([503, 'source: x\nmatrix: y\n']);
  });

  it('answers 500 if metrics fail, with the failure only in the log, and goes on', async () => {
    const errors: string[] = [];
    const log: Log = { ...silentLog, error: (_, said) => errors.push(said) };
    const broken = async () => Promise.reject(new Error('secret inside'));
    const { url } = await start({ metrics: { text: broken, contentType: 'x/y' }, log });
    const response = await fetch(`${url}/metrics`);
    expect([response.status, await response.text()]).toEqual([
      500,
      'Lookout failed to answer this request: see its log.\n',
    ]);
    expect(errors).toEqual(['could not answer /metrics']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it.each(['GET / HTTP/1.1\r\n\r\n', 'no HTTP\r\n\r\n', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`])(
    'closes a connection that does not speak HTTP, or sends too much: %.20s',
    async (bytes) => {
      const { url } = await start();
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(bytes);
      expect(await text(socket).catch(() => 'HTTP/1.1 4')).toMatch(/^HTTP\/1\.1 4/);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    },
  );

  it('stops at once whatever clients keep open, after a query in progress', async () => {
    const read = Promise.withResolvers<string>();
    const asked = Promise.withResolvers<void>();
    const slow = async () => {
      asked.resolve();
      return read.promise;
    };
    const server = await start({ metrics: { text: slow, contentType: 'x/y' } });
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(idle, 'connect');
    idle.write('GET /healthz HT');
    const scrape = fetch(`${server.url}/metrics`).catch(() => 'cut off');
    await asked.promise;
    let isStopped = false;
    const stopped = server.stop().then(() => {
      isStopped = true;
    });
    expect(await scrape).toBe('cut off');
    if (!idle.closed) await once(idle, 'close');
    expect(isStopped).toBe(false);
    read.resolve('');
    await stopped;
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });
});

describe('starting', () => {
  it.each([
    [{}, 'another program uses it: stop that one, or choose another port'],
    [{ host: '192.0.2.1', port: 0 }, 'this machine has no such address'],
  ])('names the remedy if it cannot listen: %j', async (where, remedy) => {
    const { url } = await start();
    const failed = start({ port: Number(new URL(url).port), ...where });
    await expect(failed).rejects.toThrow(MetricsStartError);
    await expect(failed).rejects.toThrow(remedy);
  });
});
