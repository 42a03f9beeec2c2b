import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { createMailbox } from './mailbox.ts';

/** The faults of an Action Cable server on loopback. By default it has none, but a test must send the pings. */
export interface Behaviour {
  /** `mute`: accepts TCP and sends nothing; a number: answers the upgrade with this HTTP status. */
  readonly upgrade?: 'accept' | 'mute' | number;
  /** Subprotocol to choose; null = none. */
  readonly protocol?: string | null;
  readonly welcome?: boolean;
  readonly answer?: 'confirm' | 'reject' | 'nothing';
}

/** One client, from the server's side. */
export interface CableClient {
  readonly request: IncomingMessage;
  /** The identifier of the first subscribe; '' before it. */
  readonly identifier: string;
  /** Everything that the client sent. */
  readonly received: readonly string[];
  /** Resolves when `count` subscribes have arrived. */
  subscribed(count?: number): Promise<void>;
  /** Resolves when the client has sent `count` commands in total. */
  sent(count: number): Promise<void>;
  /** Stops answering subscribes by itself. */
  manual(): void;
  /**
   * Resolves when the client has read everything that was sent to it: it answers a WebSocket ping, and frames keep
   * their order. Rejects if the connection is gone.
   */
  caughtUp(): Promise<void>;
  /** Resolves when the connection is gone. */
  gone(): Promise<void>;
  /** Returns the code with which the connection ends: 1000 after a close frame, 1006 without. */
  closeCode(): Promise<number>;
  /** Sends a text unchanged. */
  raw(text: string): void;
  binary(bytes: Buffer): void;
  ping(): void;
  message(message: unknown): void;
  /** Sends a message to every subscription that is confirmed and was not ended, as Rails does. */
  tell(message: unknown): void;
  disconnect(reason: string, reconnect: boolean): void;
  /** Starts a closing handshake. */
  close(code?: number, reason?: string): void;
  /** Ends the connection without a close frame. */
  kill(): void;
  /** Stops reading, and so never answers again, not even a close frame. */
  freeze(): void;
  /** Writes bytes below the WebSocket layer. */
  bytes(bytes: Buffer): void;
}

export interface CableServer {
  /** `ws://127.0.0.1:PORT/cable`; the port stays the same through hangUp() and listen(). */
  readonly url: string;
  /** Sets the behaviour for every connection from now on. */
  behave(behaviour: Behaviour): void;
  /** Returns the next client that was not returned yet, as soon as its WebSocket is open. */
  client(): Promise<CableClient>;
  /** The client whose WebSocket was opened last; null: none. */
  readonly newest: CableClient | null;
  /** Returns the next TCP connection that was not returned yet. */
  connection(): Promise<Socket>;
  /** TCP connections so far. */
  readonly connections: number;
  /** Kills every connection and refuses new ones, like a server that was killed. */
  hangUp(): Promise<void>;
  listen(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the server on a port of its own on loopback. */
export async function startCableServer(first: Behaviour = {}): Promise<CableServer> {
  let behaviour = first;
  let port = 0;
  let connections = 0;
  const sockets = new Set<Socket>();
  const clients = createMailbox<CableClient>();
  let newest: CableClient | null = null;
  const accepted = createMailbox<Socket>();
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: true,
    handleProtocols: (offered) => {
      const { protocol } = behaviour;
      if (protocol === undefined) return [...offered][0] ?? false;
      return protocol ?? false;
    },
  });
  const server: Server = createServer((_request, response) => response.writeHead(426).end());
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    accepted.put(socket);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { upgrade = 'accept' } = behaviour;
    if (upgrade === 'mute') return;
    if (upgrade !== 'accept') {
      socket.end(`HTTP/1.1 ${upgrade} Never\r\nConnection: close\r\nContent-Length: 5\r\n\r\nno no`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (ws) => {
      newest = serve(ws, request, socket, behaviour);
      clients.put(newest);
    });
  });

  async function hangUp(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  }
  async function listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    port = (server.address() as AddressInfo).port;
  }
  await listen();

  return {
    url: `ws://127.0.0.1:${port}/cable`,
    behave(next) {
      behaviour = next;
    },
    client: () => clients.take(),
    get newest() {
      return newest;
    },
    connection: () => accepted.take(),
    get connections() {
      return connections;
    },
    hangUp,
    listen,
    stop: () => (server.listening ? hangUp() : Promise.resolve()),
  };
}

function serve(ws: WebSocket, request: IncomingMessage, stream: Duplex, behaviour: Behaviour): CableClient {
  const { welcome = true } = behaviour;
  let { answer = 'confirm' } = behaviour;
  const counting = new Set<() => void>();
  const received: string[] = [];
  const subscribes = createMailbox<void>();
  let identifier = '';
  const subscriptions = new Set<string>();
  const send = (text: string) => {
    if (ws.readyState === WebSocket.OPEN) ws.send(text);
  };
  ws.on('error', () => {});
  ws.on('message', (data) => {
    const text = String(data);
    received.push(text);
    for (const look of counting) look();
    const command = JSON.parse(text) as { command: string; identifier: string };
    if (command.command === 'unsubscribe') subscriptions.delete(command.identifier);
    if (command.command !== 'subscribe') return;
    identifier ||= command.identifier;
    if (answer === 'confirm') subscriptions.add(command.identifier);
    if (answer === 'confirm') send(JSON.stringify({ identifier: command.identifier, type: 'confirm_subscription' }));
    if (answer === 'reject') send(JSON.stringify({ identifier: command.identifier, type: 'reject_subscription' }));
    subscribes.put();
  });
  const closed = new Promise<number>((resolve) => ws.on('close', resolve));
  if (welcome) send('{"type":"welcome"}');
  return {
    request,
    received,
    get identifier() {
      return identifier;
    },
    async subscribed(count = 1) {
      for (let i = 0; i < count; i++) await subscribes.take();
    },
    sent: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (received.length < count) return;
          counting.delete(look);
          resolve();
        };
        counting.add(look);
        look();
      }),
    manual() {
      answer = 'nothing';
    },
    caughtUp: () =>
      new Promise((resolve, reject) => {
        ws.once('pong', () => resolve());
        void closed.then(() => reject(new Error('the client is gone')));
        if (ws.readyState === WebSocket.OPEN) ws.ping();
      }),
    gone: () => closed.then(() => {}),
    closeCode: () => closed,
    raw: send,
    binary: (bytes) => ws.send(bytes),
    ping: () => send(`{"type":"ping","message":${Math.floor(Date.now() / 1000)}}`),
    message: (message) => send(JSON.stringify({ identifier, message })),
    tell(message) {
      for (const one of subscriptions) send(JSON.stringify({ identifier: one, message }));
    },
    disconnect: (reason, reconnect) => send(JSON.stringify({ type: 'disconnect', reason, reconnect })),
    close: (code, reason) => ws.close(code, reason),
    kill: () => ws.terminate(),
    freeze: () => ws.pause(),
    bytes: (bytes) => void stream.write(bytes),
  };
}
