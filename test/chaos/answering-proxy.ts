import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { breakOff, isDone, type OddAnswer } from '../support/odd-answer.ts';
import { createScript, type Script } from '../support/script.ts';

/**
 * A proxy between Lookout and a homeserver. It passes everything on except requests that are to be answered oddly, by
 * their `METHOD /path` after `/_matrix/client/v3`.
 */
export interface AnsweringProxy extends Pick<Script, 'next' | 'forgetNext' | 'always'> {
  readonly url: string;
  stop(): Promise<void>;
}

/** `target`: the homeserver's base URL. */
export async function startAnsweringProxy(target: string): Promise<AnsweringProxy> {
  const agent = new Agent({ keepAlive: true });
  const script = createScript();

  /**
   * Calls `hear` with the homeserver's answer. A request that Lookout sent completely arrives completely, even if
   * Lookout is killed.
   */
  function passOn(request: IncomingMessage, body: Buffer, hear: (answer: IncomingMessage) => void) {
    const { method, headers, url = '/' } = request;
    const onward = send(new URL(url, target), { method: method ?? 'GET', headers, agent }, hear);
    onward.end(body);
    return onward;
  }

  /** Resolves when the homeserver has handled the request. */
  function letItBeDone(request: IncomingMessage, body: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      passOn(request, body, (answer) => answer.resume().on('end', resolve)).on('error', reject);
    });
  }

  function answerAs({ status, body = {}, headers }: Extract<OddAnswer, { status: number }>, response: ServerResponse) {
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
    response.end(isText ? body : JSON.stringify(body));
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const [path = '/'] = (request.url ?? '/').split('?');
    const line = `${request.method} ${decodeURIComponent(path.replace(/^\/_matrix\/client\/v3/, ''))}`;
    const chosen = script.take(line);
    if (chosen === undefined) {
      const onward = passOn(request, body, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }).on('error', () => response.destroy());
      if (request.method === 'GET') response.on('close', () => onward.destroy());
      return;
    }
    if (isDone(chosen)) await letItBeDone(request, body);
    if ('status' in chosen) answerAs(chosen, response);
    else breakOff(response, chosen, '{"event_id":"$half');
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: script.next,
    forgetNext: script.forgetNext,
    always: script.always,
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
