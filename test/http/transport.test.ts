import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { directNetwork } from '../../src/http/network.ts';
import { createTransport, TransportError } from '../../src/http/transport.ts';
import { selfSigned } from './self-signed.ts';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

function transport() {
  const made = createTransport(directNetwork);
  closing.unshift(() => made.close());
  return made;
}

async function failure(request: Promise<Response>): Promise<TransportError> {
  const error = await request.then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
}

describe('the transport', () => {
  it('returns status, body and the headers that are used', async () => {
    const port = await listen(
      createServer((request, response) => {
        response.writeHead(429, {
          date: 'Fri, 02 Jan 2026 03:04:05 GMT',
          'retry-after': '7',
          'X-RateLimit-Scope': 'shared',
          'content-type': 'text/plain',
          'x-other': '1',
        });
        request.on('data', () => {}).on('end', () => response.end(JSON.stringify({ method: request.method })));
      }),
    );
    const response = await transport().fetch(`http://127.0.0.1:${port}/`, { method: 'PUT', body: 'x' });
    expect(response.status).toBe(429);
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'application/json',
      date: 'Fri, 02 Jan 2026 03:04:05 GMT',
      'retry-after': '7',
      'x-ratelimit-scope': 'shared',
    });
    expect(await response.json()).toEqual({ method: 'PUT' });
  });

  it('does not mark as JSON what is not, so that the status is not lost', async () => {
    const port = await listen(
      createServer((_, response) => response.writeHead(502, { 'content-type': 'application/json' }).end('<html>')),
    );
    const response = await transport().fetch(`http://127.0.0.1:${port}/`);
    expect([response.status, response.headers.get('content-type')]).toEqual([502, null]);
  });

  it('follows no redirect, because the token is only for this server', async () => {
    let visits = 0;
    const port = await listen(
      createServer((_, response) => {
        visits++;
        response.writeHead(307, { location: '/elsewhere' }).end();
      }),
    );
    const response = await transport().fetch(`http://127.0.0.1:${port}/`, { method: 'PUT', body: '{}' });
    expect([response.status, visits]).toEqual([307, 1]);
  });

  it('knows that nothing was written if the connection failed', async () => {
    const server = createTcpServer();
    const port = await listen(server);
    await closing.pop()?.();
    expect((await failure(transport().fetch(`http://127.0.0.1:${port}/`))).written).toBe(false);
  });

  it('knows that nothing was written if the certificate was refused', async () => {
    let asked = false;
    const port = await listen(createTlsServer(selfSigned, () => (asked = true)));
    const error = await failure(transport().fetch(`https://127.0.0.1:${port}/`));
    expect([error.written, asked]).toEqual([false, false]);
    expect(error.message).toContain('self-signed');
  });

  it('knows that nothing was written if the server does not speak TLS', async () => {
    const port = await listen(createServer());
    expect((await failure(transport().fetch(`https://127.0.0.1:${port}/`))).written).toBe(false);
  });

  it('knows that something may have been written if the connection is lost', async () => {
    const port = await listen(createTcpServer((socket) => socket.once('data', () => socket.destroy())));
    expect((await failure(transport().fetch(`http://127.0.0.1:${port}/`))).written).toBe(true);
  });

  it('knows the same of a reused connection', async () => {
    let requests = 0;
    const port = await listen(
      createServer((request, response) => {
        if (++requests === 1) response.end('{}');
        else request.socket.destroy();
      }),
    );
    const { fetch } = transport();
    await fetch(`http://127.0.0.1:${port}/`);
    expect((await failure(fetch(`http://127.0.0.1:${port}/`))).written).toBe(true);
    expect(requests).toBe(2);
  });

  it('does not accept half an answer as a whole one', async () => {
    const half = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"event_id":"$x"';
    const port = await listen(createTcpServer((socket) => socket.once('data', () => socket.end(half))));
    expect((await failure(transport().fetch(`http://127.0.0.1:${port}/`))).written).toBe(true);
  });

  it('obeys the signal even while the body is being received', async () => {
    const abort = new AbortController();
    const port = await listen(
      createServer((_, response) => {
        response.writeHead(200).write('{', () => abort.abort());
      }),
    );
    expect((await failure(transport().fetch(`http://127.0.0.1:${port}/`, { signal: abort.signal }))).written).toBe(
      true,
    );
  });

  it('sends nothing after it is closed', async () => {
    const made = createTransport(directNetwork);
    made.close();
    expect((await failure(made.fetch('http://127.0.0.1:1/'))).message).toBe('stopped');
  });
});
