import { constants } from 'node:buffer';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Clock } from '../../time/clock.ts';
import { type ControlFrame, readControlFrame } from './control-frame.ts';
import { createFrameTurns } from './frame-turns.ts';
import type { Loss } from './loss.ts';

/** What a connection wants to hear from its socket. None of these may throw. */
export interface CableSocketEar {
  /** The socket exists; it is the only one of its class. */
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

/**
 * A WebSocket class for ONE connection, to be handed to @rails/actioncable, which makes its socket itself and passes
 * nothing but address and protocols. It adds what that client lacks: a payload limit, a guard against frames that it would
 * throw on (uncaught, since it parses in an event handler), and the causes of failures, which it keeps to itself.
 *
 * There is no handshake time-out here: the connection's watchdog knows all waits.
 *
 * @param payloadLimitBytes a longer frame ends the connection with the loss `oversized`
 * @param ear where everything is told
 * @param clean removes the key from words of the server
 * @param clock for the turns in which frames are handed on
 */
export function cableSocketClass(
  payloadLimitBytes: number,
  ear: CableSocketEar,
  clean: (text: string) => string,
  clock: Clock,
) {
  let dropped = false;
  /** Nothing is read: since whoever listens asked for it, or since too much waits for its turn. */
  const isPaused = { asked: false, full: false };
  let opened = false;
  let stream: Socket | undefined;

  return class extends WebSocket implements CableSocket {
    readonly #turns = createFrameTurns({
      clock,
      deliver: (frame) => {
        if (!dropped) this.#deliver(frame);
      },
      onFull: (isFull) => {
        isPaused.full = isFull;
        this.#readOrNot();
      },
    });

    constructor(address: string, protocols: string[]) {
      super(address, protocols, {
        // Compressed frames of a busy server fragment memory, and a bomb would be unpacked before it is measured.
        perMessageDeflate: false,
        // V8 makes no longer string; and ws reads the limit as a signed 32-bit number.
        maxPayload: Math.max(1, Math.min(payloadLimitBytes, constants.MAX_STRING_LENGTH)),
        // As a browser on the server's own pages would say it: Rails by default refuses a connection without an origin.
        origin: new URL(address).origin.replace(/^ws/, 'http'),
        headers: { 'User-Agent': 'Lookout' },
      });
      this.on('upgrade', (response) => {
        stream = response.socket;
      });
      this.on('unexpected-response', (_request, response) => {
        // Whoever hears of a loss drops the socket, which also ends this request; ws does not once it is listened to.
        ear.onLost({ kind: 'http', status: response.statusCode ?? 0 });
      });
      this.on('open', () => {
        opened = true;
        ear.onOpen(this.protocol);
      });
      this.on('error', (error: NodeJS.ErrnoException) => ear.onLost(lossOf(error, opened, payloadLimitBytes, clean)));
      this.on('close', (code, reason) => {
        // Data that came before the end counts.
        this.#turns.flush();
        ear.onLost({ kind: 'closed', code, text: clean(reason.toString()) });
        ear.onClosed();
      });
      ear.onSocket(this);
    }

    get bytesRead(): number {
      return stream?.bytesRead ?? 0;
    }

    override pause(): void {
      isPaused.asked = true;
      this.#readOrNot();
    }

    override resume(): void {
      isPaused.asked = false;
      this.#readOrNot();
    }

    #readOrNot(): void {
      if (isPaused.asked || isPaused.full) super.pause();
      else super.resume();
    }

    drop(): void {
      if (dropped) return;
      dropped = true;
      this.#turns.clear();
      // The close frame is written in this very tick, so that it leaves before terminate() destroys the socket.
      if (this.readyState === WebSocket.OPEN) this.close(1000);
      this.terminate();
    }

    override emit(event: string | symbol, ...values: unknown[]): boolean {
      if (event !== 'message') return super.emit(event, ...values);
      if (dropped) return false;
      const [data, isBinary] = values;
      // Action Cable has no binary frames; the client would read one as text.
      if (isBinary === true || !Buffer.isBuffer(data)) ear.onFrame(false);
      else this.#turns.push(data);
      return true;
    }

    #deliver(data: Buffer): void {
      let readable = true;
      try {
        const text = data.toString();
        const control = readControlFrame(text);
        if (control !== null && !ear.onControlFrame(control)) return;
        super.emit('message', text, false);
      } catch {
        // Not JSON, or not a frame (null, a list, no identifier): the client's handler threw. What it threw holds the
        // beginning of the frame, and with it the key, so it goes no further.
        readable = false;
      }
      ear.onFrame(readable);
    }
  };
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
