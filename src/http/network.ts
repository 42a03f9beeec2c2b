import type { connect as connectPlain, NetConnectOpts, Socket } from 'node:net';
import { connect as connectSecure, type SecureContext, type TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { noProxies, type Proxies } from './proxies.ts';
import { openTunnel } from './tunnel.ts';

/** The way in which connections leave this machine. None leaves it by another one. */
export interface Network {
  readonly proxies: Proxies;
  /** The CAs that certificates are checked against; null: Node's. */
  readonly secureContext: SecureContext | null;
  /** The certificates among them that the configuration names, PEM; null: none. */
  readonly certificates: string | null;
  /**
   * Asked when a connection is open, just before the first byte of a request leaves; false: it must not leave. Absent:
   * nothing forbids it.
   */
  readonly mayWrite?: () => boolean;
}

/** Without a proxy, with Node's CAs. */
export const directNetwork: Network = { proxies: noProxies, secureContext: null, certificates: null };

/** Makes the connections of undici. `signal` ends those that wait for a proxy. */
export function createConnector({ proxies, secureContext }: Network, signal: AbortSignal): buildConnector.connector {
  // The caller's timeout ends a request: https://undici.nodejs.org/#/docs/api/Client.md
  const connect = buildConnector({ timeout: 0, ...(secureContext !== null && { secureContext }) });
  return (options, callback) => {
    const { protocol, hostname, port } = options;
    const proxy = proxies.proxyFor(new URL(`${protocol}//${options.host ?? hostname}`));
    if (proxy === null) return connect(options, callback);
    const isSecure = protocol === 'https:';
    openTunnel(proxy, hostname, Number(port) || (isSecure ? 443 : 80), { secureContext, signal }).then(
      (socket) => (isSecure ? connect({ ...options, httpSocket: socket }, callback) : callback(null, socket)),
      (error: Error) => callback(error, null),
    );
  };
}

/** Settings of a `ws` socket. */
export interface SocketSettings {
  readonly secureContext?: SecureContext;
  readonly createConnection?: typeof connectPlain;
}

/** Returns the settings with which a `ws` socket connects to `url`. `signal` ends it while it waits for a proxy. */
export function socketSettings({ proxies, secureContext }: Network, url: URL, signal: AbortSignal): SocketSettings {
  const proxy = proxies.proxyFor(url);
  const trust = secureContext === null ? {} : { secureContext };
  if (proxy === null) return trust;
  // Called by Node as the option of its request: https://nodejs.org/api/http.html#httprequestoptions-callback
  const createConnection = (options: Target, done: (error: Error | null, socket?: Socket) => void) => {
    openTunnel(proxy, options.host, Number(options.port), { secureContext, signal }).then(
      (socket) => done(null, url.protocol === 'wss:' ? overTls(socket, options.host, trust) : socket),
      (error: Error) => done(error),
    );
  };
  return { ...trust, createConnection: createConnection as unknown as typeof connectPlain };
}

type Target = NetConnectOpts & { readonly host: string; readonly port: number | string };

function overTls(socket: Socket, host: string, trust: { readonly secureContext?: SecureContext }): TLSSocket {
  // An IP address is not sent as a server name: https://www.rfc-editor.org/rfc/rfc6066#section-3
  const servername = /^[\d.]+$|:/.test(host) ? '' : host;
  return connectSecure({ socket, servername, host, ...trust });
}
