import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reachableHost } from '../http/reachable-host.ts';
import type { Log } from '../log.ts';
import type { Catalogue } from '../metasmoke/catalogue.ts';
import type { Secret } from '../secrets/secret.ts';
import type { Clock } from '../time/clock.ts';
import { createCableEndpoint } from './cable-endpoint.ts';
import { createHttpApi } from './http-api.ts';
import { cannotListen, HubStartError } from './hub-start-error.ts';
import { createKeyCheck } from './key-check.ts';
import { prepareEvent } from './prepared-event.ts';
import type { WireEvent } from './wire-event.ts';

export type { WireEvent } from './wire-event.ts';

export interface HubOptions {
  /** Where to listen. Default `127.0.0.1`: this machine alone. */
  readonly host?: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Who knows one of these may listen and tell. */
  readonly keys: readonly Secret[];
  readonly clock: Clock;
  readonly log: Log;
  /** The largest body that `POST /events` takes, in bytes. Default 16 MiB. */
  readonly payloadLimitBytes?: number;
  /** A client that leaves more than this unread is dropped, in bytes. Default 64 MiB, several times the largest event seen. */
  readonly unreadLimitBytes?: number;
  /** Where all clients together leave more than this unread, those that read least are dropped, in bytes. Default 128 MiB. */
  readonly allUnreadBytes?: number;
}

/** metasmoke's WebSocket API, served. */
export interface Hub {
  /** `ws://127.0.0.1:PORT/cable` */
  readonly url: string;
  /** Sends an event to every client that asked for its model and type. Nothing is kept for those who come later. */
  publish(event: WireEvent): void;
  /** Connected clients. */
  readonly clients: number;
  /** Confirmed subscriptions, of all clients together. */
  readonly subscriptions: number;
  /** Calls `listener` after each confirmed subscription, until the returned function is called. */
  onSubscribed(listener: () => void): () => void;
  /** Asks every client to come back later, closes all sockets and frees the port. May be called again. */
  stop(): Promise<void>;
}

/** A request's headers have to be there within this time, the whole request within the other. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
/** Sockets at once, those that only ask over HTTP too: more are closed at once. */
const maxConnections = 4_000;

/**
 * Starts a hub: `/cable` for listeners, `POST /events` for tellers (Authorization: Bearer), `GET /` says what this is.
 *
 * @throws HubStartError where it cannot listen, or where a key is empty.
 */
export async function startHub(options: HubOptions & { catalogue: Catalogue }): Promise<Hub> {
  const { host = '127.0.0.1', clock, log, catalogue, keys } = options;
  const empty = keys.find((key) => key.reveal() === '');
  if (empty) throw new HubStartError(`the hub's key from ${empty.from} is empty: everybody would know it`);

  const isKey = createKeyCheck(keys);
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 5_000,
    // Some clients offer HTTP/2 on a plain request (`Upgrade: h2c`): they are served as if they had not.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
  });
  server.maxConnections = maxConnections;
  await listen(server, host, options.port);

  const cable = createCableEndpoint({
    catalogue,
    isKey,
    unreadLimitBytes: options.unreadLimitBytes ?? 64 * 1024 * 1024,
    allUnreadBytes: options.allUnreadBytes ?? 128 * 1024 * 1024,
    clock,
    log,
  });
  const bodyLimitBytes = options.payloadLimitBytes ?? 16 * 1024 * 1024;
  server.on('upgrade', cable.upgrade);
  server.on('request', createHttpApi({ catalogue, isKey, bodyLimitBytes, publish: cable.publish, log }));

  async function stop(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    await cable.stop();
    server.closeAllConnections();
    await closed;
  }
  let stopped: Promise<void> | null = null;

  const { address, port } = server.address() as AddressInfo;
  return {
    url: `ws://${reachableHost(address)}:${port}/cable`,
    publish: (event) => cable.publish(prepareEvent(event, catalogue)),
    get clients() {
      return cable.clients;
    },
    get subscriptions() {
      return cable.subscriptions;
    },
    onSubscribed: cable.onSubscribed,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(host, port, error as NodeJS.ErrnoException);
  }
}
