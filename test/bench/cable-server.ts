import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A minimal Action Cable server: welcomes, confirms every subscription, and sends the given events. */
export interface CableServer {
  readonly url: string;
  /** Resolves when the next client is subscribed. Call this before the client starts. */
  subscribed(): Promise<void>;
  /**
   * Sends an event, given as JSON, to the client. Returns the time before the first byte was sent: nanoseconds,
   * monotonic.
   */
  send(event: string): bigint;
  stop(): Promise<void>;
}

export async function startCableServer(): Promise<CableServer> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: false,
    handleProtocols: () => 'actioncable-v1-json',
  });
  await once(server, 'listening');
  let client: WebSocket | undefined;
  let prefix = '';
  let tellSubscribed = () => {};
  server.on('connection', (socket) => {
    socket.send('{"type":"welcome"}');
    const pings = setInterval(
      () => socket.send(JSON.stringify({ type: 'ping', message: Math.floor(Date.now() / 1000) })),
      3000,
    );
    socket.on('close', () => clearInterval(pings));
    socket.on('message', (data) => {
      const { command, identifier } = JSON.parse(String(data)) as { command: string; identifier: string };
      if (command !== 'subscribe') return;
      client = socket;
      prefix = `{"identifier":${JSON.stringify(identifier)},"message":`;
      socket.send(JSON.stringify({ identifier, type: 'confirm_subscription' }));
      tellSubscribed();
    });
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/cable`,
    subscribed: () =>
      new Promise((resolve) => {
        tellSubscribed = resolve;
      }),
    send(event) {
      if (client === undefined) throw new Error('no client is subscribed');
      const at = process.hrtime.bigint();
      client.send(`${prefix}${event}}`);
      return at;
    },
    async stop() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
