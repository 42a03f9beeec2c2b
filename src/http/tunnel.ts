import { request as plainRequest, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { networkErrorText } from './network-error-text.ts';
import { type HttpProxy, nameOf, portOf } from './proxies.ts';

export interface TunnelOptions {
  /** The CAs that the certificate of an https proxy is checked against; null: Node's. */
  readonly secureContext: SecureContext | null;
  /** Aborted when the tunnel is not needed any more. */
  readonly signal: AbortSignal;
}

/** Time for the proxy's answer, ms: it connects to the server in this time. */
const answerWithinMs = 20_000;

/** A proxy that opened no tunnel. Nothing was sent to the server behind it. The message does not show the proxy's password. */
class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

/**
 * Opens a connection to `host:port` through a proxy: https://www.rfc-editor.org/rfc/rfc9110#name-connect
 * @throws ProxyError
 */
export function openTunnel(proxy: HttpProxy, host: string, port: number, options: TunnelOptions): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const name = nameOf(proxy);
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const { secureContext, signal } = options;
  const settings: RequestOptions & { readonly secureContext?: SecureContext } = {
    method: 'CONNECT',
    host: proxy.url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: portOf(proxy.url),
    path: target,
    headers: { host: target, ...credentialsOf(proxy) },
    agent: false,
    timeout: answerWithinMs,
    ...(secureContext !== null && { secureContext }),
  };
  const request = (proxy.url.protocol === 'https:' ? secureRequest : plainRequest)(settings);
  const give = () => request.destroy(new Error('given up'));
  const fail = (text: string, cause?: Error) => {
    signal.removeEventListener('abort', give);
    reject(new ProxyError(text, { cause }));
    request.destroy();
  };
  const refused = (status: number) => fail(refusal(proxy, target, status));
  request.on('connect', ({ statusCode = 0 }, socket, head) => {
    if (statusCode < 200 || statusCode > 299) {
      socket.destroy();
      return refused(statusCode);
    }
    signal.removeEventListener('abort', give);
    socket.setTimeout(0);
    // The server behind it may speak first.
    if (head.length > 0) socket.unshift(head);
    resolve(socket as Socket);
  });
  request.on('response', ({ statusCode = 0 }) => refused(statusCode));
  request.on('timeout', () =>
    fail(`the proxy ${name} (${proxy.from}) did not answer within ${answerWithinMs / 1_000} s`),
  );
  request.on('error', (error) =>
    fail(`the proxy ${name} (${proxy.from}) cannot be reached: ${networkErrorText(error)}`, error),
  );
  if (signal.aborted) give();
  else signal.addEventListener('abort', give, { once: true });
  request.end();
  return promise;
}

/** https://www.rfc-editor.org/rfc/rfc7617 */
function credentialsOf({ url: { username, password } }: HttpProxy): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decoded(username)}:${decoded(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refusal(proxy: HttpProxy, target: string, status: number): string {
  const name = `the proxy ${nameOf(proxy)}`;
  if (status !== 407)
    return `${name} opens no connection to ${target} (${status}): allow that there, or add the host to NO_PROXY`;
  return proxy.url.username === ''
    ? `${name} wants a user and a password (407): write ${proxy.from}=http://<user>:<password>@${nameOf(proxy)}`
    : `${name} refuses the user and password in ${proxy.from} (407)`;
}
