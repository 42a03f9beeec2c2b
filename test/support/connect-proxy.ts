import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { ownCa } from '../http/own-ca.ts';

export interface ConnectProxy {
  readonly port: number;
  /** The targets of the tunnels that were asked for, in order: `matrix.test:443`. */
  readonly asked: string[];
  /** `Proxy-Authorization` of the last request. */
  readonly authorization: string | undefined;
}

/** What the proxy does with a request: opens the tunnel to a port of this machine, or answers with a status; null: hangs up. */
export type Behaviour = (
  target: string,
  request: IncomingMessage,
) => { readonly port: number } | { readonly status: number } | null;

/** Starts an HTTP proxy on loopback that takes CONNECT alone. Names need no DNS: they lead where the test says. */
export async function startConnectProxy(behaviour: Behaviour): Promise<ConnectProxy> {
  const asked: string[] = [];
  let authorization: string | undefined;
  const open = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, client: Socket, head) => {
    const target = request.url ?? '';
    asked.push(target);
    authorization = request.headers['proxy-authorization'];
    const what = behaviour(target, request);
    const keep = (socket: Socket) => {
      open.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
    };
    keep(client);
    if (what === null) return void client.destroy();
    if ('status' in what) return void client.end(`HTTP/1.1 ${what.status} No\r\nContent-Length: 0\r\n\r\n`);
    const upstream = connect(what.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    keep(upstream);
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    get authorization() {
      return authorization;
    },
  };
}

/** Starts a server that takes TLS off and passes the rest to a port of this machine. Returns its own port. */
export async function startTlsFront(port: number): Promise<number> {
  const open = new Set<Socket>();
  const server = createTlsServer(ownCa, (client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
    }
    client.pipe(upstream).pipe(client);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
