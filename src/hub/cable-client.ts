import type { RawData, WebSocket } from 'ws';
import type { Log } from '../log.ts';
import type { Admission } from './admission.ts';
import { parseCommand } from './client-command.ts';
import { answerFrame, type DisconnectReason, disconnectFrame, messageHead, welcomeFrame } from './frames.ts';
import type { OccasionalLog } from './occasional-log.ts';
import type { Subscriber, Subscribers } from './subscribers.ts';

/**
 * Largest number of identifiers on one socket. Further ones are rejected, because each takes memory until the socket
 * closes.
 */
const maxIdentifiers = 100;

/**
 * Largest number of unread bytes for a client that has not sent a key yet. It receives only answers and pings, so with
 * more than this it is dropped.
 */
const strangerUnreadBytes = 16 * 1024;

/**
 * Smallest size of an event, bytes, from which clients share its bytes as a separate WebSocket fragment. Smaller ones
 * are copied.
 */
const shareAboveBytes = 64 * 1024;

/** One connected client. */
export interface CableClient {
  /** Sends a frame that does not belong to a subscription. */
  send(frame: string): void;
  /** Sends the reason, asks the client to reconnect later, and closes. */
  dismiss(reason: DisconnectReason): void;
  /** True once the client has subscribed with a valid key. */
  readonly hasKey: boolean;
  /** Bytes sent to the client that it has not read yet. */
  readonly unreadBytes: number;
}

export interface CableClientOptions {
  /** The client's address, for the log. */
  readonly address: string;
  readonly subscribers: Subscribers;
  readonly admit: (identifier: string) => Admission;
  /** Limit of unread bytes. A client above it is dropped before anything more is written to it. */
  readonly unreadLimitBytes: number;
  readonly log: Log;
  readonly occasionally: OccasionalLog;
  /** Called when the client first sends a valid key. */
  readonly onKey: () => void;
  readonly onSubscribed: () => void;
  readonly onClosed: () => void;
}

/** Serves one socket until it closes. No input from a client makes it throw. */
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

  /** Drops the client without a closing message, which would only join the bytes that it does not read. */
  function drop(unreadBytes: number, unreadLimitBytes: number): void {
    occasionally.warn(
      { client: address, unreadBytes, unreadLimitBytes },
      'dropped a client that does not read what it is sent',
    );
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
    // A second subscribe with the same identifier is not answered: the first answer is on its way, and @anycable/core
    // unsubscribes when it receives an answer that it is not waiting for. Rails does not answer either.
    if (own.has(identifier)) return;
    const admission: Admission =
      own.size < maxIdentifiers
        ? options.admit(identifier)
        : { outcome: 'rejected', problems: [`more than ${maxIdentifiers} subscriptions on one connection`] };
    if (admission.outcome === 'rejected') {
      occasionally.warn({ client: address, problems: admission.problems }, 'rejected a subscription');
      send(answerFrame(identifier, 'reject_subscription'));
      return;
    }
    const head = messageHead(identifier);
    const subscriber: Subscriber = { spec: admission.spec, deliver: (tail) => deliver(head, tail) };
    own.set(identifier, subscriber);
    if (!hasKey) options.onKey();
    hasKey = true;
    subscribers.add(subscriber);
    // Send the confirmation first: a listener may publish as soon as it learns of the subscription.
    send(answerFrame(identifier, 'confirm_subscription'));
    log.debug({ client: address, models: [...admission.spec.keys()] }, 'a client subscribed');
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
        occasionally.warn({ client: address, reason: command.reason }, 'ignored a malformed frame');
        break;
      default:
        command satisfies never;
    }
  }

  socket.on('message', hear);
  // Errors below our protocol (a frame over the limit, bad UTF-8); ws closes the socket by itself.
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
