import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { pathOf } from '../http/path-of.ts';
import type { Log } from '../log.ts';
import type { Catalogue } from '../metasmoke/catalogue.ts';
import type { Clock } from '../time/clock.ts';
import { admit } from './admission.ts';
import { type CableClient, serveClient } from './cable-client.ts';
import { pingEveryMs, pingFrame, subprotocol } from './frames.ts';
import type { KeyCheck } from './key-check.ts';
import { createOccasionalLog } from './occasional-log.ts';
import type { PreparedEvent } from './prepared-event.ts';
import { createSubscribers } from './subscribers.ts';

export interface CableEndpointOptions {
  readonly catalogue: Catalogue;
  readonly isKey: KeyCheck;
  readonly unreadLimitBytes: number;
  /** So much unread by all clients together is kept; of more the client goes that reads least. */
  readonly allUnreadBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** All clients of `/cable` together. */
export interface CableEndpoint {
  /** Takes an HTTP server's `upgrade`. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  publish(event: PreparedEvent): void;
  readonly clients: number;
  readonly subscriptions: number;
  onSubscribed(listener: () => void): () => void;
  /** Asks every client to come back later, and resolves when the last one is gone. */
  stop(): Promise<void>;
}

/** A client's own frames are a subscribe or two: 64 KiB. More closes its connection (1009). */
const clientFrameLimitBytes = 64 * 1024;
/** A client that does not close in peace within this time is cut off. */
const farewellMs = 500;
/** A client shows its key within this time, in milliseconds, or is sent away. */
const keyWithinMs = 30_000;
/** So many clients without a key are served at once: of more the one goes that took longest. */
const maxStrangers = 1_000;

/** Starts the heartbeat; clients come through `upgrade`. */
export function createCableEndpoint(options: CableEndpointOptions): CableEndpoint {
  const { catalogue, clock, isKey, log, unreadLimitBytes, allUnreadBytes } = options;
  const occasionally = createOccasionalLog(log, clock);
  const subscribers = createSubscribers();
  const clients = new Set<CableClient>();
  /** Those without a key, the longest here first, and how to stop waiting for it. */
  const strangers = new Map<CableClient, () => void>();
  const listeners = new Set<() => void>();
  const allGone = Promise.withResolvers<void>();
  let stopping = false;

  // A variable of its own, since the published types do not know closeTimeout yet.
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
      const client = serveClient(socket, {
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

  /** It is waited for no more. */
  function forget(client: CableClient): void {
    strangers.get(client)?.();
    strangers.delete(client);
  }

  function sendAway(client: CableClient, reason: 'no_key_in_time' | 'too_many_without_key'): void {
    forget(client);
    occasionally.warn({ reason }, 'a client without a key is sent away');
    client.dismiss(reason);
  }

  /** The unread bytes that one client may leave are too much if many clients leave them: those that read least go first. */
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

/** Why a request does not become a socket; null where it may. The key comes later, in the subscribe, as in the API. */
function refusalOf(request: IncomingMessage): { readonly status: number; readonly text: string } | null {
  if (pathOf(request) !== '/cable') return { status: 404, text: 'the socket is at /cable' };
  // Like Rails, the hub takes a client that offers no subprotocol at all. One that speaks only others Rails would let in
  // too, to fail later and without a word.
  const offered = request.headers['sec-websocket-protocol'];
  if (offered === undefined || offered.split(',').some((name) => name.trim() === subprotocol)) return null;
  return { status: 400, text: `the hub speaks the subprotocol ${subprotocol} alone` };
}

function refuse(stream: Duplex, status: number, text: string): void {
  stream.on('error', () => stream.destroy());
  stream.once('finish', () => stream.destroy());
  const headers = `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close`;
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n${text}`);
}
