import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { pathOf } from '../http/path-of.ts';
import { subprotocol } from './frames.ts';

export interface Refusal {
  readonly status: number;
  readonly text: string;
}

/** Returns the reason to refuse an upgrade, or null to accept it. The key comes later, in the subscribe, as in the API. */
export function refusalOf(request: IncomingMessage): Refusal | null {
  if (pathOf(request) !== '/cable') return { status: 404, text: 'the WebSocket is at /cable' };
  // Like Rails, the hub accepts a client that offers no subprotocol. Rails also accepts one that offers only others,
  // which then fails without a message; the hub refuses it.
  const offered = request.headers['sec-websocket-protocol'];
  if (offered === undefined || offered.split(',').some((name) => name.trim() === subprotocol)) return null;
  return { status: 400, text: `the hub speaks only the subprotocol ${subprotocol}` };
}

/** Answers an upgrade with the refusal and closes its stream. */
export function refuse(stream: Duplex, { status, text }: Refusal): void {
  stream.on('error', () => stream.destroy());
  stream.once('finish', () => stream.destroy());
  const headers = `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close`;
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n${text}`);
}
