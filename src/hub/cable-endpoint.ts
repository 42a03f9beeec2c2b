import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Log } from '../log.ts';
import type { Clock } from '../time/clock.ts';
import { type AdmissionRules, admit } from './admission.ts';
import { CableClient } from './cable-client.ts';
import { pingEveryMs, pingFrame, subprotocol } from './frames.ts';
import { createOccasionalLog, type OccasionalLog } from './occasional-log.ts';
import type { PreparedEvent } from './prepared-event.ts';
import { Strangers } from './strangers.ts';
import { createSubscribers } from './subscribers.ts';
import { type Refusal, refusalOf, refuse } from './upgrade-refusal.ts';

export interface CableEndpointOptions extends AdmissionRules {
  readonly unreadLimitBytes: number;
  /** Limit of unread bytes of all clients together. Above it, the client with the most unread bytes is dropped. */
  readonly allUnreadBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Limit of a client's frame, bytes. A subscribe is much shorter; a longer frame closes the connection (1009). */
const clientFrameLimitBytes = 64 * 1024;
/** Time for a client to finish the closing handshake before its connection is cut, ms. */
const farewellMs = 500;

/** The clients of `/cable` and their heartbeat, which starts at once. Clients arrive through `upgrade`. */
export class CableEndpoint {
  readonly #options: CableEndpointOptions;
  readonly #occasionally: OccasionalLog;
  readonly #sockets = createSocketServer();
  readonly #subscribers = createSubscribers();
  readonly #clients = new Set<CableClient>();
  readonly #strangers: Strangers;
  readonly #listeners = new Set<() => void>();
  readonly #allGone = Promise.withResolvers<void>();
  #cancelPing: () => void;
  #stopping = false;

  constructor(options: CableEndpointOptions) {
    this.#options = options;
    this.#occasionally = createOccasionalLog(options.log, options.clock);
    this.#strangers = new Strangers(options.clock, this.#occasionally);
    this.#cancelPing = options.clock.after(pingEveryMs, () => this.#beat());
  }

  get clients(): number {
    return this.#clients.size;
  }

  get subscriptions(): number {
    return this.#subscribers.count;
  }

  /** Handles the HTTP server's `upgrade` event. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const refusal: Refusal | null = this.#stopping ? { status: 503, text: 'the hub is stopping' } : refusalOf(request);
    if (refusal !== null) refuse(stream, refusal);
    else {
      const address = `${request.socket.remoteAddress}:${request.socket.remotePort}`;
      this.#sockets.handleUpgrade(request, stream, head, (socket) => this.#welcome(socket, address));
    }
  }

  publish({ model, type, tail }: PreparedEvent): void {
    for (const subscriber of this.#subscribers.of(model, type)) subscriber.deliver(tail);
    this.#boundUnread();
  }

  /** Sends a message to the subscribers of the legacy streams. */
  publishLegacy(tail: Buffer): void {
    for (const subscriber of this.#subscribers.ofLegacy()) subscriber.deliver(tail);
    this.#boundUnread();
  }

  onSubscribed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks every client to reconnect later. Resolves when the last one has gone. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelPing();
    if (this.#clients.size === 0) this.#allGone.resolve();
    this.#strangers.forgetAll();
    for (const client of [...this.#clients]) client.dismiss('server_restart');
    return this.#allGone.promise;
  }

  #beat(): void {
    const { clock } = this.#options;
    const frame = pingFrame(clock.wall());
    for (const client of [...this.#clients]) client.send(frame);
    this.#cancelPing = clock.after(pingEveryMs, () => this.#beat());
  }

  #welcome(socket: WebSocket, address: string): void {
    const { unreadLimitBytes, log } = this.#options;
    const client: CableClient = new CableClient(socket, {
      address,
      subscribers: this.#subscribers,
      admit: (identifier) => admit(identifier, this.#options),
      unreadLimitBytes,
      log,
      occasionally: this.#occasionally,
      onKey: () => this.#strangers.forget(client),
      onSubscribed: () => {
        for (const listener of [...this.#listeners]) listener();
      },
      onClosed: () => this.#remove(client),
    });
    this.#clients.add(client);
    this.#strangers.add(client);
  }

  #remove(client: CableClient): void {
    this.#strangers.forget(client);
    this.#clients.delete(client);
    if (this.#stopping && this.#clients.size === 0) this.#allGone.resolve();
  }

  /** Drops the clients with the most unread bytes while all clients together exceed the limit. */
  #boundUnread(): void {
    const { allUnreadBytes } = this.#options;
    let unread = 0;
    for (const client of this.#clients) unread += client.unreadBytes;
    if (unread <= allUnreadBytes) return;
    for (const client of [...this.#clients].sort((a, b) => b.unreadBytes - a.unreadBytes)) {
      if (unread <= allUnreadBytes) return;
      unread -= client.unreadBytes;
      client.dismiss('does_not_read');
    }
  }
}

function createSocketServer(): WebSocketServer {
  // A separate variable, because the published types do not have closeTimeout yet.
  const settings = {
    noServer: true,
    clientTracking: false,
    maxPayload: clientFrameLimitBytes,
    closeTimeout: farewellMs,
    handleProtocols: (offered: ReadonlySet<string>) => (offered.has(subprotocol) ? subprotocol : (false as const)),
  };
  return new WebSocketServer(settings);
}
