import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A proxy between Lookout and the homeserver. It passes everything on until it is asked to hold a message: `before` the
 * homeserver receives it, or `after` the homeserver accepted it, when only the answer is missing. Then Lookout can be
 * killed at the worst moment, deliberately and not by luck.
 */
export interface HoldingProxy {
  readonly url: string;
  /** Resolves when the next message is held. It and all that follow get no answer until `letGo`. */
  holdNextMessage(when: 'before' | 'after'): Promise<void>;
  /** Drops the held messages without an answer, and passes on new ones again. */
  letGo(): void;
  stop(): Promise<void>;
}

/** `target`: the homeserver's base URL. */
export async function startHoldingProxy(target: string): Promise<HoldingProxy> {
  const agent = new Agent({ keepAlive: true });
  const held = new Set<ServerResponse>();
  let holding: 'before' | 'after' | undefined;
  let tellHeld = () => {};

  const isMessage = ({ method, url = '' }: IncomingMessage) => method === 'PUT' && url.includes('/send/');
  const hold = (response: ServerResponse) => {
    held.add(response);
    tellHeld();
  };

  function passOn(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers, url = '/' } = request;
    const onward = send(new URL(url, target), { method: method ?? 'GET', headers, agent }, (answer) => {
      if (holding === 'after' && isMessage(request)) {
        answer.resume().on('end', () => hold(response));
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
    if (holding === 'before' && isMessage(request)) hold(response);
    else passOn(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    holdNextMessage(when) {
      holding = when;
      return new Promise((resolve) => {
        tellHeld = resolve;
      });
    },
    letGo() {
      holding = undefined;
      for (const response of held) response.destroy();
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
