import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A proxy between Lookout and the homeserver. It passes everything on until it is asked to hold a request: `before` the
 * homeserver receives it, or `after` the homeserver accepted it, when only the answer is missing. Then Lookout can be
 * killed at the worst moment, deliberately and not by luck.
 */
export interface HoldingProxy {
  readonly url: string;
  /** Resolves when the next message is held. It and all that follow get no answer until `letGo`. */
  holdNextMessage(when: 'before' | 'after'): Promise<void>;
  /** The same for requests that match, by `METHOD /path`. */
  holdNext(request: RegExp, when: 'before' | 'after'): Promise<void>;
  /** Drops the held requests without an answer, and passes on new ones again. */
  letGo(): void;
  /** Passes on the requests that are held before they arrived, and new ones. */
  release(): void;
  stop(): Promise<void>;
}

const message = /^PUT .*\/send\//;

/** `target`: the homeserver's base URL. */
export async function startHoldingProxy(target: string): Promise<HoldingProxy> {
  const agent = new Agent({ keepAlive: true });
  /** The held responses, with the requests of those that did not arrive. */
  const held = new Map<ServerResponse, IncomingMessage | null>();
  let holding: { readonly request: RegExp; readonly when: 'before' | 'after' } | undefined;
  let tellHeld = () => {};

  const isHeld = ({ method, url }: IncomingMessage, when: 'before' | 'after') =>
    holding?.when === when && holding.request.test(`${method} ${url}`);
  const hold = (response: ServerResponse, request: IncomingMessage | null) => {
    held.set(response, request);
    tellHeld();
  };

  function passOn(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers, url = '/' } = request;
    const onward = send(new URL(url, target), { method: method ?? 'GET', headers, agent }, (answer) => {
      if (isHeld(request, 'after')) {
        answer.resume().on('end', () => hold(response, null));
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  const server = createServer((request, response) => {
    if (isHeld(request, 'before')) hold(response, request);
    else passOn(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const holdNext: HoldingProxy['holdNext'] = (request, when) => {
    holding = { request, when };
    return new Promise((resolve) => {
      tellHeld = resolve;
    });
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    holdNextMessage: (when) => holdNext(message, when),
    holdNext,
    letGo() {
      holding = undefined;
      for (const response of held.keys()) response.destroy();
      held.clear();
    },
    release() {
      holding = undefined;
      for (const [response, request] of held) if (request !== null) passOn(request, response);
      held.clear();
    },
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
