import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A request that changes something, when it left a process. */
export interface LeftRequest {
  /** `POST /channels/1/messages` */
  readonly line: string;
  /** The port of the server that it goes to. */
  readonly port: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/** A proxy between one process and the chats, which writes down the requests that leave it. */
export interface ChatProxy {
  readonly url: string;
  stop(): Promise<void>;
}

const changing = /^(?:POST|PUT|PATCH|DELETE) \S+/;

/** Starts the proxy, which opens tunnels (CONNECT) to this machine. */
export async function startChatProxy(onRequest: (request: LeftRequest) => void): Promise<ChatProxy> {
  const open = new Set<Socket>();
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', (request, client: Socket) => {
    const port = Number(request.url?.split(':').at(-1));
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
    });
    // Our requests are not pipelined: a new one begins with a new piece of data.
    client.on('data', (bytes: Buffer) => {
      const [line] = changing.exec(bytes.subarray(0, 500).toString('latin1')) ?? [];
      if (line !== undefined) onRequest({ line, port, at: Date.now() });
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => client.write(bytes));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      // The other end hears what came before the end, and then the end.
      socket.on('end', () => other.end());
      socket.on('close', () => {
        open.delete(socket);
        other.destroySoon();
      });
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of open) socket.destroy();
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
