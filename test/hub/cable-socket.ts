import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A frame of the hub, as text and as JSON. */
export interface HeardFrame {
  readonly text: string;
  readonly json: { readonly type?: string; readonly identifier?: string; readonly message?: unknown };
}

/** A minimal client of `/cable` with a mailbox: frames wait until the test reads them. */
export interface CableSocket {
  readonly socket: WebSocket;
  /** Returns the next frame that is not a ping. Rejects if the socket closes first. */
  next(): Promise<HeardFrame>;
  /** Received frames that were not read yet, without pings. */
  readonly unheard: readonly HeardFrame[];
  send(frame: unknown): void;
  /** Sends a subscribe for the identifier and returns the type of the answer. */
  subscribe(identifier: string): Promise<string | undefined>;
  close(): Promise<void>;
}

export function identify(key: string, events: unknown, channel = 'ApiChannel'): string {
  return JSON.stringify({ channel, key, events });
}

/** Opens a socket and reads the welcome. */
export async function connect(url: string, protocols: string[] = ['actioncable-v1-json']): Promise<CableSocket> {
  const socket = new WebSocket(url, protocols);
  const heard: HeardFrame[] = [];
  const waiting: { resolve(frame: HeardFrame): void; reject(error: Error): void }[] = [];
  socket.on('message', (data) => {
    const text = data.toString();
    const frame = { text, json: JSON.parse(text) };
    if (frame.json.type === 'ping') return;
    const first = waiting.shift();
    if (first) first.resolve(frame);
    else heard.push(frame);
  });
  socket.on('close', (code) => {
    for (const waiter of waiting.splice(0)) waiter.reject(new Error(`closed with ${code}`));
  });
  await once(socket, 'open');
  const client: CableSocket = {
    socket,
    unheard: heard,
    next() {
      const first = heard.shift();
      if (first) return Promise.resolve(first);
      if (socket.readyState === WebSocket.CLOSED) return Promise.reject(new Error('closed'));
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    async subscribe(identifier) {
      client.send({ command: 'subscribe', identifier });
      return (await client.next()).json.type;
    },
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
  const welcome = await client.next();
  if (welcome.json.type !== 'welcome') throw new Error(`not a welcome: ${welcome.text}`);
  return client;
}
