import { constants } from 'node:buffer';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Clock } from '../../time/clock.ts';
import { type ControlFrame, readControlFrame } from './control-frame.ts';
import { createFrameTurns, type FrameTurns } from './frame-turns.ts';
import type { Loss } from './loss.ts';

/** What a connection wants to hear from its socket. None of these may throw. */
export interface CableSocketEar {
  /** The socket exists. */
  onSocket(socket: CableSocket): void;
  onOpen(protocol: string): void;
  /** Before the Action Cable client sees the frame; false keeps it from the client. */
  onControlFrame(frame: ControlFrame): boolean;
  /** A frame was read by the Action Cable client, or could not be. */
  onFrame(readable: boolean): void;
  /** The connection cannot go on: drop the socket. May be told more than once; the first is the cause. */
  onLost(loss: Loss): void;
  /** The last thing told: no socket and no timer is left. */
  onClosed(): void;
}

/** The few things that a connection does with its socket. */
export interface CableSocket {
  /** Bytes received since the upgrade: a long frame that is still arriving shows here and nowhere else. */
  readonly bytesRead: number;
  /** Reads nothing until `resume`: the rest waits in the kernel, and then at the server. */
  pause(): void;
  resume(): void;
  /** Says goodbye if it can and lets go of the socket at once, whatever the server does. No frame is told afterwards. */
  drop(): void;
}

/** What a socket is opened with. */
export interface CableSocketRequest {
  readonly url: string;
  /** A longer frame ends the connection with the loss `oversized`. */
  readonly payloadLimitBytes: number;
  /** Removes the key from words of the server. */
  readonly clean: (text: string) => string;
}

interface Order {
  readonly request: CableSocketRequest;
  readonly ear: CableSocketEar;
  readonly clock: Clock;
}

/** Sockets that @rails/actioncable is about to open, by the fragment of their address. */
const orders = new Map<string, Order>();
let lastOrder = 0;

/**
 * Returns an address for @rails/actioncable, which makes its socket itself and passes nothing but address and protocols: the
 * address opens one `ActionCableSocket`, once, as `request` says. Its fragment is not sent.
 *
 * @param clock for the turns in which frames are handed on
 */
export function orderSocket(request: CableSocketRequest, ear: CableSocketEar, clock: Clock): string {
  const fragment = `#${++lastOrder}`;
  orders.set(fragment, { request, ear, clock });
  return `${request.url}${fragment}`;
}

/**
 * The WebSocket for @rails/actioncable. It adds what that client lacks: a payload limit, a guard against frames that it would
 * throw on (uncaught, since it parses in an event handler), and the causes of failures, which it keeps to itself.
 *
 * There is no handshake time-out here: the connection's watchdog knows all waits.
 */
export class ActionCableSocket extends WebSocket implements CableSocket {
  readonly #ear: CableSocketEar;
  readonly #turns: FrameTurns;
  /** Nothing is read: since the listener asked for it, or since too much waits for its turn. */
  readonly #isPaused = { asked: false, full: false };
  #stream: Socket | undefined;
  #isOpened = false;
  #isDropped = false;

  /**
   * @param address from `orderSocket`
   * @throws what `ws` throws for an address that it cannot use; for one that was not ordered, or used before
   */
  constructor(address: string, protocols: string[]) {
    const at = address.lastIndexOf('#');
    const order = orders.get(address.slice(at));
    orders.delete(address.slice(at));
    if (order === undefined) throw new Error('no connection ordered this socket');
    const { ear, clock } = order;
    const { url, payloadLimitBytes, clean } = order.request;
    super(url, protocols, {
      // Compressed frames of a busy server fragment memory, and a bomb would be unpacked before it is measured.
      perMessageDeflate: false,
      // V8 makes no longer string; and ws reads the limit as a signed 32-bit number.
      maxPayload: Math.max(1, Math.min(payloadLimitBytes, constants.MAX_STRING_LENGTH)),
      // As a browser on the server's own pages would say it: Rails by default refuses a connection without an origin.
      origin: new URL(url).origin.replace(/^ws/, 'http'),
      headers: { 'User-Agent': 'Lookout' },
    });
    this.#ear = ear;
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
      // Whoever hears of a loss drops the socket, which also ends this request; ws does not once it is listened to.
      ear.onLost({ kind: 'http', status: response.statusCode ?? 0 });
    });
    this.on('open', () => {
      this.#isOpened = true;
      ear.onOpen(this.protocol);
    });
    this.on('error', (error: NodeJS.ErrnoException) =>
      ear.onLost(lossOf(error, this.#isOpened, payloadLimitBytes, clean)),
    );
    this.on('close', (code, reason) => {
      // Data that came before the end counts.
      this.#turns.flush();
      ear.onLost({ kind: 'closed', code, text: clean(reason.toString()) });
      ear.onClosed();
    });
    ear.onSocket(this);
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
    // The close frame is written in this very tick, so that it leaves before terminate() destroys the socket.
    if (this.readyState === WebSocket.OPEN) this.close(1000);
    this.terminate();
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'message') return super.emit(event, ...values);
    if (this.#isDropped) return false;
    const [data, isBinary] = values;
    // Action Cable has no binary frames; the client would read one as text.
    if (isBinary === true || !Buffer.isBuffer(data)) this.#ear.onFrame(false);
    else this.#turns.push(data);
    return true;
  }

  #deliver(data: Buffer): void {
    let readable = true;
    try {
      const text = data.toString();
      const control = readControlFrame(text);
      if (control !== null && !this.#ear.onControlFrame(control)) return;
      super.emit('message', text, false);
    } catch {
      // Not JSON, or not a frame (null, a list, no identifier): the client's handler threw. What it threw holds the
      // beginning of the frame, and with it the key, so it goes no further.
      readable = false;
    }
    this.#ear.onFrame(readable);
  }
}

function lossOf(
  error: NodeJS.ErrnoException,
  opened: boolean,
  limitBytes: number,
  clean: (text: string) => string,
): Loss {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return { kind: 'oversized', limitBytes };
  const text = clean(error.message);
  return opened ? { kind: 'broken', text } : { kind: 'unreachable', code: error.code ?? null, text };
}
