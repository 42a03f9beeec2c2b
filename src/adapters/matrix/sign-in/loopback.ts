import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page on this machine that a browser is sent back to. */
export interface Loopback {
  /** The address to send it to; its path cannot be guessed. */
  readonly url: string;
  /** Resolves with the parameters of the first visit; stays pending without one. */
  readonly visited: Promise<URLSearchParams>;
  close(): void;
}

/**
 * Listens on a free port of this machine alone, as native apps do (https://www.rfc-editor.org/rfc/rfc8252#section-7.3).
 * `path` is what a client registered; null: a path of its own for this visit.
 */
export async function openLoopback(path: string | null): Promise<Loopback> {
  const { promise: visited, resolve } = Promise.withResolvers<URLSearchParams>();
  const ownPath = path ?? `/${randomBytes(16).toString('base64url')}`;
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? '/', 'http://127.0.0.1');
    if (request.method !== 'GET' || url?.pathname !== ownPath) return answer(response, 404, 'There is nothing here.');
    answer(response, 200, 'Lookout has what it needs. You can close this page.');
    resolve(url.searchParams);
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${ownPath}`,
    visited,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${text}\n`);
}
