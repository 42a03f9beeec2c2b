import { constants } from 'node:buffer';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { type Network, socketSettings } from '../../http/network.ts';
import { networkErrorText } from '../../http/network-error-text.ts';
import type { Clock } from '../../time/clock.ts';
import { type ControlFrame, readControlFrame } from './control-frame.ts';
import { createFrameTurns, type FrameTurns } from './frame-turns.ts';
import type { Loss } from './loss.ts';

/** Callbacks of a socket for its connection. They must not throw. */
export interface CableSocketListener {
  /** Called when the socket exists. */
  onSocket(socket: CableSocket): void;
  onOpen(protocol: string): void;
  /** Called before the Action Cable client sees the frame; false hides the frame from the client. */
  onControlFrame(frame: ControlFrame): boolean;
  /** Called after the Action Cable client has read a frame, or failed to. */
  onFrame(readable: boolean): void;
  /**
   * Called when the connection cannot continue; the listener must drop the socket. May be called more than once; the
   * first call has the cause.
   */
  onLost(loss: Loss): void;
  /** The last callback: no socket and no timer is left. */
  onClosed(): void;
}

/** The few operations of a connection on its socket. */
export interface CableSocket {
  /** Bytes received since the upgrade. Only here does a long frame show that is still arriving. */
  readonly bytesRead: number;
  /** Stops reading until `resume`: further data waits in the kernel, and then at the server. */
  pause(): void;
  resume(): void;
  /**
   * Sends a close frame if possible and releases the socket at once, whatever the server does. No callback for a frame
   * follows.
   */
  drop(): void;
}

/** The settings of a socket. */
export interface CableSocketRequest {
  readonly url: string;
  readonly network: Network;
  /** A longer frame ends the connection with the loss `oversized`. */
  readonly payloadLimitBytes: number;
  /** Removes the key from a text of the server. */
  readonly clean: (text: string) => string;
}

interface Order {
  readonly request: CableSocketRequest;
  readonly listener: CableSocketListener;
  readonly clock: Clock;
}

/** Sockets that @rails/actioncable is about to open, by the fragment of their address. */
const orders = new Map<string, Order>();
let lastOrder = 0;

/**
 * Returns an address for @rails/actioncable, which creates its socket itself and passes only address and protocols. The
 * address opens one `ActionCableSocket`, once, with the settings of `request`. Its fragment is not sent.
 *
 * @param clock for the turns in which frames are passed on
 */
export function orderSocket(request: CableSocketRequest, listener: CableSocketListener, clock: Clock): string {
  const fragment = `#${++lastOrder}`;
  orders.set(fragment, { request, listener, clock });
  return `${request.url}${fragment}`;
}

/**
 * The WebSocket for @rails/actioncable. It adds a payload limit, a guard against frames on which that client would
 * throw (uncaught, because it parses in an event handler), and the causes of failures, which the client does not
 * report.
 *
 * It has no handshake timeout, because the connection's watchdog covers all waits.
 */
export class ActionCableSocket extends WebSocket implements CableSocket {
  readonly #listener: CableSocketListener;
  readonly #turns: FrameTurns;
  /** Reading stops if the listener asked for it, or if too many frames wait for their turn. */
  readonly #isPaused = { asked: false, full: false };
  #stream: Socket | undefined;
  #isOpened = false;
  #isDropped = false;

  /**
   * @param address from `orderSocket`
   * @throws the error of `ws` for an address that it cannot use; an error for an address that was not ordered, or was
   * used before
   */
  constructor(address: string, protocols: string[]) {
    const at = address.lastIndexOf('#');
    const order = orders.get(address.slice(at));
    orders.delete(address.slice(at));
    if (order === undefined) throw new Error('no connection ordered this socket');
    const { listener, clock } = order;
    const { url, network, payloadLimitBytes, clean } = order.request;
    const closing = new AbortController();
    super(url, protocols, {
      // Compressed frames of a busy server fragment memory, and a decompression bomb would be unpacked before its size
      // is checked.
      perMessageDeflate: false,
      // V8 has no longer strings, and ws reads the limit as a signed 32-bit number.
      maxPayload: Math.max(1, Math.min(payloadLimitBytes, constants.MAX_STRING_LENGTH)),
      // The same origin as the server's own pages: Rails by default refuses a connection without an origin.
      origin: new URL(url).origin.replace(/^ws/, 'http'),
      headers: { 'User-Agent': 'Lookout' },
      ...socketSettings(network, new URL(url), closing.signal),
    });
    this.#listener = listener;
    this.#turns = createFrameTurns({
      clock,
      deliver: (frame) => {
        if (!this.#isDropped) this.#deliver(frame);
      },
      onFull: (isFull) => {
        this.#isPaused.full = isFull;
        this.#readOrNot();
      },
    });
    this.on('upgrade', (response) => {
      this.#stream = response.socket;
    });
    this.on('unexpected-response', (_request, response) => {
      // The listener drops the socket after a loss, which also ends this request; ws does not end it if the event has a
      // handler.
      listener.onLost({ kind: 'http', status: response.statusCode ?? 0 });
    });
    this.on('open', () => {
      this.#isOpened = true;
      listener.onOpen(this.protocol);
    });
    this.on('error', (error: NodeJS.ErrnoException) =>
      listener.onLost(lossOf(error, this.#isOpened, payloadLimitBytes, clean)),
    );
    this.on('close', (code, reason) => {
      closing.abort();
      // Data that came before the end is processed first.
      this.#turns.flush();
      listener.onLost({ kind: 'closed', code, text: clean(reason.toString()) });
      listener.onClosed();
    });
    listener.onSocket(this);
  }

  get bytesRead(): number {
    return this.#stream?.bytesRead ?? 0;
  }

  override pause(): void {
    this.#isPaused.asked = true;
    this.#readOrNot();
  }

  override resume(): void {
    this.#isPaused.asked = false;
    this.#readOrNot();
  }

  #readOrNot(): void {
    if (this.#isPaused.asked || this.#isPaused.full) super.pause();
    else super.resume();
  }

  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#turns.clear();
    // The close frame is written in this tick, before terminate() destroys the socket.
    if (this.readyState === WebSocket.OPEN) this.close(1000);
    this.terminate();
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'message') return super.emit(event, ...values);
    if (this.#isDropped) return false;
    const [data, isBinary] = values;
    // Action Cable has no binary frames. The client would read one as text.
    if (isBinary === true || !Buffer.isBuffer(data)) this.#listener.onFrame(false);
    else this.#turns.push(data);
    return true;
  }

  #deliver(data: Buffer): void {
    let readable = true;
    try {
      const text = data.toString();
      const control = readControlFrame(text);
      if (control !== null && !this.#listener.onControlFrame(control)) return;
      super.emit('message', text, false);
    } catch {
      // Not JSON, or not a frame (null, a list, no identifier): the client's handler threw. Do not pass the error on,
      // because it quotes the beginning of the frame, which contains the key.
      readable = false;
    }
    this.#listener.onFrame(readable);
  }
}

function lossOf(
  error: NodeJS.ErrnoException,
  opened: boolean,
  limitBytes: number,
  clean: (text: string) => string,
): Loss {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return { kind: 'oversized', limitBytes };
  const text = clean(networkErrorText(error));
  return opened ? { kind: 'broken', text } : { kind: 'unreachable', code: error.code ?? null, text };
}
