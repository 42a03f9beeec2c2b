import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { reachableHost } from '../http/reachable-host.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secrets/secret.ts';
import type { Clock } from '../time/clock.ts';
import { CableEndpoint } from './cable-endpoint.ts';
import { createHttpApi } from './http-api.ts';
import { cannotListen, HubStartError } from './hub-start-error.ts';
import { createKeyCheck } from './key-check.ts';
import { createLegacyStreams, type LegacyStreams } from './legacy-streams.ts';
import { createOccasionalLog } from './occasional-log.ts';
import { type PreparedEvent, prepareEvent } from './prepared-event.ts';
import type { WireEvent } from './wire-event.ts';

export type { WireEvent } from './wire-event.ts';

export interface HubOptions {
  /** Address to listen on. Default `127.0.0.1`: reachable from this machine only. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** A client with one of these may receive and send events. */
  readonly keys: readonly Secret[];
  readonly clock: Clock;
  readonly log: Log;
  /** Largest body that `POST /events` accepts, bytes. Default 16 MiB. */
  readonly payloadLimitBytes?: number;
  /**
   * Limit of unread bytes of one client; above it the client is dropped. Default 64 MiB, several times the largest
   * event seen.
   */
  readonly unreadLimitBytes?: number;
  /** Limit of unread bytes of all clients together; above it the clients with the most are dropped. Default 128 MiB. */
  readonly allUnreadBytes?: number;
  /** True: a client that names no events is sent metasmoke's legacy streams. Default: it is rejected. */
  readonly servesLegacy?: boolean;
}

/** A server of metasmoke's WebSocket API. */
export interface Hub {
  /** `ws://127.0.0.1:PORT/cable` */
  readonly url: string;
  /** Sends an event to every client that requested its model and type. It is not kept for later clients. */
  publish(event: WireEvent): void;
  /** Connected clients. */
  readonly clients: number;
  /** Confirmed subscriptions of all clients. */
  readonly subscriptions: number;
  /** Calls `listener` after each confirmed subscription, until the returned function is called. */
  onSubscribed(listener: () => void): () => void;
  /** Asks every client to reconnect later, closes all sockets and frees the port. May be called more than once. */
  stop(): Promise<void>;
}

/** Time limits for a request's headers and for the whole request, ms. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
/** Largest number of sockets, plain HTTP included. Further ones are closed at once. */
const maxConnections = 4_000;

/**
 * Starts a hub: `/cable` to receive events, `POST /events` to send them (Authorization: Bearer), `GET /` for a
 * description.
 *
 * @throws HubStartError if it cannot listen, or if a key is empty.
 */
export async function startHub(options: HubOptions & { catalogue: Catalogue }): Promise<Hub> {
  const { host = '127.0.0.1', clock, log, catalogue, keys } = options;
  const empty = keys.find((key) => key.reveal() === '');
  if (empty) throw new HubStartError(`the hub's key from ${empty.from} is empty, so that anyone could connect`);

  const isKey = createKeyCheck(keys);
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 5_000,
    // Some clients offer HTTP/2 on a plain request (`Upgrade: h2c`). The offer is ignored.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
  });
  server.maxConnections = maxConnections;
  await listen(server, host, options.port);

  const cable = new CableEndpoint({
    catalogue,
    isKey,
    unreadLimitBytes: options.unreadLimitBytes ?? 64 * 1024 * 1024,
    allUnreadBytes: options.allUnreadBytes ?? 128 * 1024 * 1024,
    legacy: options.servesLegacy === true ? 'served' : 'rejected',
    clock,
    log,
  });
  const legacy = options.servesLegacy === true ? startLegacy(cable, options) : null;
  const bodyLimitBytes = options.payloadLimitBytes ?? 16 * 1024 * 1024;
  server.on('upgrade', (request, stream, head) => cable.upgrade(request, stream, head));
  const publish = (event: PreparedEvent) => {
    cable.publish(event);
    legacy?.hear(event.event);
  };
  server.on('request', createHttpApi({ catalogue, isKey, bodyLimitBytes, publish, log }));

  async function stop(): Promise<void> {
    const closed = once(server, 'close');
    legacy?.stop();
    server.close();
    await cable.stop();
    server.closeAllConnections();
    await closed;
  }
  let stopped: Promise<void> | null = null;

  const { address, port } = server.address() as AddressInfo;
  return {
    url: `ws://${reachableHost(address)}:${port}/cable`,
    publish: (event) => publish(prepareEvent(event, catalogue)),
    get clients() {
      return cable.clients;
    },
    get subscriptions() {
      return cable.subscriptions;
    },
    onSubscribed: (listener) => cable.onSubscribed(listener),
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Starts the legacy streams of an endpoint. */
function startLegacy(
  cable: CableEndpoint,
  { catalogue, clock, log }: Pick<HubOptions, 'clock' | 'log'> & { readonly catalogue: Catalogue },
): LegacyStreams {
  const occasionally = createOccasionalLog(log, clock);
  return createLegacyStreams({
    catalogue,
    clock,
    publish: (tail) => cable.publishLegacy(tail),
    onUnknownPost: (message) =>
      occasionally.warn(
        { message },
        'left out a message of the legacy streams: no event told its post since the start',
      ),
  });
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(host, port, error as NodeJS.ErrnoException);
  }
}
