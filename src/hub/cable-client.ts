import type { RawData, WebSocket } from 'ws';
import type { Log } from '../log.ts';
import type { Admission } from './admission.ts';
import { parseCommand } from './client-command.ts';
import { answerFrame, type DisconnectReason, disconnectFrame, messageHead, welcomeFrame } from './frames.ts';
import type { OccasionalLog } from './occasional-log.ts';
import type { Subscriber, Subscribers } from './subscribers.ts';

/** More identifiers than these on one socket are rejected: each costs memory for as long as the socket lives. */
const maxIdentifiers = 100;

/** A client that did not show a key yet and leaves more than this unread is dropped: what it is sent are answers and pings. */
const strangerUnreadBytes = 16 * 1024;

/** Above this an event's bytes are shared between clients as a WebSocket fragment of their own, instead of being copied for each. */
const shareAboveBytes = 64 * 1024;

/** One connected client. */
export interface CableClient {
  /** Sends a frame that has nothing to do with a subscription. */
  send(frame: string): void;
  /** Takes leave: says why, asks the client to come back later, and closes. */
  dismiss(reason: DisconnectReason): void;
  /** True if it ever subscribed with a key that is known here. */
  readonly hasKey: boolean;
  /** The bytes that were sent to it and that it did not read yet. */
  readonly unreadBytes: number;
}

export interface CableClientOptions {
  /** Where it comes from, for the log. */
  readonly address: string;
  readonly subscribers: Subscribers;
  readonly admit: (identifier: string) => Admission;
  /** A client that leaves more than this unread is dropped before anything more is written to it. */
  readonly unreadLimitBytes: number;
  readonly log: Log;
  readonly occasionally: OccasionalLog;
  /** It showed a key for the first time. */
  readonly onKey: () => void;
  readonly onSubscribed: () => void;
  readonly onClosed: () => void;
}

/** Serves one socket until it closes. Nothing that a client sends makes it throw. */
export function serveClient(socket: WebSocket, options: CableClientOptions): CableClient {
  const { address, subscribers, unreadLimitBytes, log, occasionally } = options;
  const own = new Map<string, Subscriber>();
  let hasKey = false;

  function isReading(): boolean {
    if (socket.readyState !== socket.OPEN) return false;
    const unreadBytes = socket.bufferedAmount;
    const limitBytes = hasKey ? unreadLimitBytes : strangerUnreadBytes;
    if (unreadBytes <= limitBytes) return true;
    drop(unreadBytes, limitBytes);
    return false;
  }

  /** A farewell would wait behind what it does not read, and nothing more is to pile up there. */
  function drop(unreadBytes: number, unreadLimitBytes: number): void {
    occasionally.warn({ client: address, unreadBytes, unreadLimitBytes }, 'a client that does not read is dropped');
    socket.terminate();
  }

  function send(frame: string): void {
    if (isReading()) socket.send(frame);
  }

  function deliver(head: Buffer, tail: Buffer): void {
    if (!isReading()) return;
    if (tail.length > shareAboveBytes) {
      socket.send(head, { binary: false, fin: false });
      socket.send(tail, { binary: false });
    } else {
      socket.send(Buffer.concat([head, tail]), { binary: false });
    }
  }

  function subscribe(identifier: string): void {
    // Nothing is said to a second subscribe of the same: its answer is on its way already, and @anycable/core takes an
    // answer that it no longer waits for as a reason to unsubscribe. Rails is silent here too.
    if (own.has(identifier)) return;
    const admission: Admission =
      own.size < maxIdentifiers
        ? options.admit(identifier)
        : { outcome: 'rejected', problems: [`more than ${maxIdentifiers} subscriptions on one connection`] };
    if (admission.outcome === 'rejected') {
      occasionally.warn({ client: address, problems: admission.problems }, 'a subscription is rejected');
      send(answerFrame(identifier, 'reject_subscription'));
      return;
    }
    const head = messageHead(identifier);
    const subscriber: Subscriber = { spec: admission.spec, deliver: (tail) => deliver(head, tail) };
    own.set(identifier, subscriber);
    if (!hasKey) options.onKey();
    hasKey = true;
    subscribers.add(subscriber);
    // The confirmation leaves first: who is told of the subscription may publish at once.
    send(answerFrame(identifier, 'confirm_subscription'));
    log.debug({ client: address, models: [...admission.spec.keys()] }, 'a client has subscribed');
    options.onSubscribed();
  }

  function unsubscribe(identifier: string): void {
    const subscriber = own.get(identifier);
    if (!subscriber) return;
    own.delete(identifier);
    subscribers.remove(subscriber);
  }

  function hear(data: RawData, isBinary: boolean): void {
    const command = isBinary
      ? ({ command: 'malformed', reason: 'a binary frame' } as const)
      : parseCommand(data.toString());
    switch (command.command) {
      case 'subscribe':
        subscribe(command.identifier);
        break;
      case 'unsubscribe':
        unsubscribe(command.identifier);
        break;
      case 'other':
        break;
      case 'malformed':
        occasionally.warn({ client: address, reason: command.reason }, 'a malformed frame is ignored');
        break;
      default:
        command satisfies never;
    }
  }

  socket.on('message', hear);
  // What a client does wrong below our protocol (a frame over the limit, bad UTF-8): ws closes the socket by itself.
  socket.on('error', (err: Error & { code?: string }) =>
    occasionally.warn({ client: address, reason: err.code ?? err.message }, 'a connection broke'),
  );
  socket.on('close', () => {
    for (const identifier of [...own.keys()]) unsubscribe(identifier);
    options.onClosed();
  });
  send(welcomeFrame);

  return {
    send,
    dismiss(reason) {
      if (reason === 'does_not_read') return drop(socket.bufferedAmount, unreadLimitBytes);
      send(disconnectFrame(reason));
      socket.close(1000, reason);
    },
    get hasKey() {
      return hasKey;
    },
    get unreadBytes() {
      return socket.bufferedAmount;
    },
  };
}
