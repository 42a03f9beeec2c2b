import type { RawData, WebSocket } from 'ws';
import type { Log, LogFields } from '../log.ts';
import type { Admission } from './admission.ts';
import { type ClientCommand, parseCommand } from './client-command.ts';
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

/** One connected client. It is served until its socket closes. No input from a client makes it throw. */
export class CableClient {
  readonly #socket: WebSocket;
  readonly #options: CableClientOptions;
  /** The confirmed subscriptions, by identifier. */
  readonly #own = new Map<string, Subscriber>();
  #hasKey = false;

  constructor(socket: WebSocket, options: CableClientOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('message', (data, isBinary) => this.#receive(commandOf(data, isBinary)));
    // Errors below our protocol (a frame over the limit, bad UTF-8); ws closes the socket by itself.
    socket.on('error', (err: Error & { code?: string }) =>
      this.#warn({ reason: err.code ?? err.message }, 'a connection broke'),
    );
    socket.on('close', () => {
      for (const identifier of [...this.#own.keys()]) this.#unsubscribe(identifier);
      options.onClosed();
    });
    this.send(welcomeFrame);
  }

  /** Bytes sent to the client that it has not read yet. */
  get unreadBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Sends a frame that does not belong to a subscription. */
  send(frame: string): void {
    if (this.#isReading()) this.#socket.send(frame);
  }

  /** Sends the reason, asks the client to reconnect later, and closes. */
  dismiss(reason: DisconnectReason): void {
    if (reason === 'does_not_read') this.#drop(this.#options.unreadLimitBytes);
    else {
      this.send(disconnectFrame(reason));
      this.#socket.close(1000, reason);
    }
  }

  #isReading(): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    const limitBytes = this.#hasKey ? this.#options.unreadLimitBytes : strangerUnreadBytes;
    if (this.unreadBytes <= limitBytes) return true;
    this.#drop(limitBytes);
    return false;
  }

  /** Drops the client without a closing message, which would only join the bytes that it does not read. */
  #drop(unreadLimitBytes: number): void {
    const { unreadBytes } = this;
    this.#warn({ unreadBytes, unreadLimitBytes }, 'dropped a client that does not read what it is sent');
    this.#socket.terminate();
  }

  #receive(command: ClientCommand): void {
    switch (command.command) {
      case 'subscribe':
        this.#subscribe(command.identifier);
        break;
      case 'unsubscribe':
        this.#unsubscribe(command.identifier);
        break;
      case 'other':
        break;
      case 'malformed':
        this.#warn({ reason: command.reason }, 'ignored a malformed frame');
        break;
      default:
        command satisfies never;
    }
  }

  #subscribe(identifier: string): void {
    // A second subscribe with the same identifier is not answered: the first answer is on its way, and @anycable/core
    // unsubscribes when it receives an answer that it is not waiting for. Rails does not answer either.
    if (this.#own.has(identifier)) return;
    const admission = this.#admit(identifier);
    if (admission.outcome === 'rejected') {
      this.#warn({ problems: admission.problems }, 'rejected a subscription');
      this.send(answerFrame(identifier, 'reject_subscription'));
      return;
    }
    const { address, subscribers, log, onKey, onSubscribed } = this.#options;
    const head = messageHead(identifier);
    const subscriber: Subscriber = { spec: admission.spec, deliver: (tail) => this.#deliver(head, tail) };
    this.#own.set(identifier, subscriber);
    if (!this.#hasKey) onKey();
    this.#hasKey = true;
    subscribers.add(subscriber);
    // Send the confirmation first: a listener may publish as soon as it learns of the subscription.
    this.send(answerFrame(identifier, 'confirm_subscription'));
    log.debug({ client: address, models: [...admission.spec.keys()] }, 'a client subscribed');
    onSubscribed();
  }

  #admit(identifier: string): Admission {
    if (this.#own.size < maxIdentifiers) return this.#options.admit(identifier);
    return { outcome: 'rejected', problems: [`more than ${maxIdentifiers} subscriptions on one connection`] };
  }

  #unsubscribe(identifier: string): void {
    const subscriber = this.#own.get(identifier);
    if (!subscriber) return;
    this.#own.delete(identifier);
    this.#options.subscribers.remove(subscriber);
  }

  #deliver(head: Buffer, tail: Buffer): void {
    if (!this.#isReading()) return;
    if (tail.length > shareAboveBytes) {
      this.#socket.send(head, { binary: false, fin: false });
      this.#socket.send(tail, { binary: false });
    } else {
      this.#socket.send(Buffer.concat([head, tail]), { binary: false });
    }
  }

  #warn(fields: LogFields, text: string): void {
    const { address, occasionally } = this.#options;
    occasionally.warn({ client: address, ...fields }, text);
  }
}

function commandOf(data: RawData, isBinary: boolean): ClientCommand {
  return isBinary ? { command: 'malformed', reason: 'a binary frame' } : parseCommand(data.toString());
}
