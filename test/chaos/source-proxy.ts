import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy between Lookout and the source that does everything that a network may do to a connection. */
export interface SourceProxy {
  /** `ws://127.0.0.1:<port>/cable` */
  readonly url: string;
  /** Cuts every connection, without a close frame to either side. */
  cut(): void;
  /** Holds all frames of the server back for a time, ms, and then passes them on. */
  stall(ms: number): void;
  /** Passes the server's frames on in pieces of a few hundred bytes for a time, ms. */
  trickle(ms: number): void;
  stop(): Promise<void>;
}

export async function startSourceProxy(port: () => number): Promise<SourceProxy> {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  let slowUntil = 0;

  const http = createServer((client) => {
    const server = connect(port(), '127.0.0.1');
    const pair = { client, server };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => {
      if (Date.now() >= slowUntil) {
        client.write(bytes);
        return;
      }
      server.pause();
      client.write(bytes.subarray(0, 300));
      setTimeout(() => {
        client.write(bytes.subarray(300));
        server.resume();
      }, 20);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  const timers = new Set<NodeJS.Timeout>();
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/cable`,
    cut() {
      for (const { client, server } of pairs) {
        client.resetAndDestroy();
        server.resetAndDestroy();
      }
    },
    stall(ms) {
      const stalled = [...pairs];
      for (const { server } of stalled) server.pause();
      timers.add(
        setTimeout(() => {
          for (const { server } of stalled) server.resume();
        }, ms),
      );
    },
    trickle(ms) {
      slowUntil = Date.now() + ms;
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
