import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { pathOf } from '../http/path-of.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../time/clock.ts';
import { admit } from './admission.ts';
import { CableClient } from './cable-client.ts';
import { pingEveryMs, pingFrame, subprotocol } from './frames.ts';
import type { KeyCheck } from './key-check.ts';
import { createOccasionalLog } from './occasional-log.ts';
import type { PreparedEvent } from './prepared-event.ts';
import { createSubscribers } from './subscribers.ts';

export interface CableEndpointOptions {
  readonly catalogue: Catalogue;
  readonly isKey: KeyCheck;
  readonly unreadLimitBytes: number;
  /** Limit of unread bytes of all clients together. Above it, the client with the most unread bytes is dropped. */
  readonly allUnreadBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** The clients of `/cable`. */
export interface CableEndpoint {
  /** Handles the HTTP server's `upgrade` event. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  publish(event: PreparedEvent): void;
  readonly clients: number;
  readonly subscriptions: number;
  onSubscribed(listener: () => void): () => void;
  /** Asks every client to reconnect later. Resolves when the last one has gone. */
  stop(): Promise<void>;
}

/** Limit of a client's frame, bytes. A subscribe is much shorter; a longer frame closes the connection (1009). */
const clientFrameLimitBytes = 64 * 1024;
/** Time for a client to finish the closing handshake before its connection is cut, ms. */
const farewellMs = 500;
/** Time for a client to send its key before it is disconnected, ms. */
const keyWithinMs = 30_000;
/** Largest number of clients without a key. Above it, the one that has been connected longest is disconnected. */
const maxStrangers = 1_000;

/** Starts the endpoint and its heartbeat. Clients arrive through `upgrade`. */
export function createCableEndpoint(options: CableEndpointOptions): CableEndpoint {
  const { catalogue, clock, isKey, log, unreadLimitBytes, allUnreadBytes } = options;
  const occasionally = createOccasionalLog(log, clock);
  const subscribers = createSubscribers();
  const clients = new Set<CableClient>();
  /** Clients without a key, oldest first, each with the function that cancels its timer. */
  const strangers = new Map<CableClient, () => void>();
  const listeners = new Set<() => void>();
  const allGone = Promise.withResolvers<void>();
  let stopping = false;

  // A separate variable, because the published types do not have closeTimeout yet.
  const settings = {
    noServer: true,
    clientTracking: false,
    maxPayload: clientFrameLimitBytes,
    closeTimeout: farewellMs,
    handleProtocols: (offered: ReadonlySet<string>) => (offered.has(subprotocol) ? subprotocol : (false as const)),
  };
  const sockets = new WebSocketServer(settings);

  let cancelPing = () => {};
  function beat(): void {
    const frame = pingFrame(clock.now());
    for (const client of [...clients]) client.send(frame);
    cancelPing = clock.after(pingEveryMs, beat);
  }
  cancelPing = clock.after(pingEveryMs, beat);

  function welcome(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const address = `${request.socket.remoteAddress}:${request.socket.remotePort}`;
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const client: CableClient = new CableClient(socket, {
        address,
        subscribers,
        admit: (identifier) => admit(identifier, isKey, catalogue),
        unreadLimitBytes,
        log,
        occasionally,
        onKey: () => forget(client),
        onSubscribed: () => {
          for (const listener of [...listeners]) listener();
        },
        onClosed: () => {
          forget(client);
          clients.delete(client);
          if (stopping && clients.size === 0) allGone.resolve();
        },
      });
      clients.add(client);
      strangers.set(
        client,
        clock.after(keyWithinMs, () => sendAway(client, 'no_key_in_time')),
      );
      const [longest] = strangers.keys();
      if (strangers.size > maxStrangers && longest !== undefined) sendAway(longest, 'too_many_without_key');
    });
  }

  /** Stops waiting for the client's key. */
  function forget(client: CableClient): void {
    strangers.get(client)?.();
    strangers.delete(client);
  }

  function sendAway(client: CableClient, reason: 'no_key_in_time' | 'too_many_without_key'): void {
    forget(client);
    occasionally.warn({ reason }, 'disconnected a client that sent no key');
    client.dismiss(reason);
  }

  /** Drops the clients with the most unread bytes while all clients together exceed the limit. */
  function boundUnread(): void {
    let unread = 0;
    for (const client of clients) unread += client.unreadBytes;
    if (unread <= allUnreadBytes) return;
    for (const client of [...clients].sort((a, b) => b.unreadBytes - a.unreadBytes)) {
      if (unread <= allUnreadBytes) return;
      unread -= client.unreadBytes;
      client.dismiss('does_not_read');
    }
  }

  return {
    upgrade(request, stream, head) {
      const refusal = stopping ? { status: 503, text: 'the hub is stopping' } : refusalOf(request);
      if (refusal) refuse(stream, refusal.status, refusal.text);
      else welcome(request, stream, head);
    },
    publish({ model, type, tail }) {
      for (const subscriber of subscribers.of(model, type)) subscriber.deliver(tail);
      boundUnread();
    },
    get clients() {
      return clients.size;
    },
    get subscriptions() {
      return subscribers.count;
    },
    onSubscribed(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      stopping = true;
      cancelPing();
      if (clients.size === 0) allGone.resolve();
      for (const client of [...strangers.keys()]) forget(client);
      for (const client of [...clients]) client.dismiss('server_restart');
      return allGone.promise;
    },
  };
}

/** Returns the reason to refuse an upgrade, or null to accept it. The key comes later, in the subscribe, as in the API. */
function refusalOf(request: IncomingMessage): { readonly status: number; readonly text: string } | null {
  if (pathOf(request) !== '/cable') return { status: 404, text: 'the WebSocket is at /cable' };
  // Like Rails, the hub accepts a client that offers no subprotocol. Rails also accepts one that offers only others,
  // which then fails without a message; the hub refuses it.
  const offered = request.headers['sec-websocket-protocol'];
  if (offered === undefined || offered.split(',').some((name) => name.trim() === subprotocol)) return null;
  return { status: 400, text: `the hub speaks only the subprotocol ${subprotocol}` };
}

function refuse(stream: Duplex, status: number, text: string): void {
  stream.on('error', () => stream.destroy());
  stream.once('finish', () => stream.destroy());
  const headers = `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close`;
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n${text}`);
}
