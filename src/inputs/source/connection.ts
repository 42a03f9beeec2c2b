import type { Clock } from '../../time/clock.ts';
import type { Moment } from '../../time/moment.ts';
import { type CableListener, type CableRequest, type Channel, openCable } from './cable-client.ts';
import type { CableSocket } from './cable-socket.ts';
import type { ControlFrame } from './control-frame.ts';
import type { Loss } from './loss.ts';
import { ReplaceableSubscription, type ReplacementListener } from './replaceable-subscription.ts';
import { Watchdog } from './watchdog.ts';

/**
 * Callbacks of one connection, in the order of its life: confirmed or rejected, stale and revived, lost. They must not
 * throw.
 */
export interface ConnectionListener extends ReplacementListener {
  onConfirmed(): void;
  onRejected(): void;
  /** Called for a frame that no Action Cable client can read. The connection goes on. */
  onUnreadable(): void;
  /** Called if there was no sign of life for some seconds after subscribing. */
  onStale(): void;
  /** Called when a sign of life follows after all. */
  onRevived(): void;
  /** Called at most once, as the last callback. */
  onLost(loss: Loss): void;
}

/**
 * One attempt to connect and subscribe, from the first byte to the last. Every wait has a limit (see watchdog.ts); every
 * failure is reported as a Loss, and nothing is thrown, now or later.
 */
export class Connection {
  readonly #request: CableRequest;
  readonly #listener: ConnectionListener;
  readonly #watchdog: Watchdog;
  readonly #closed = Promise.withResolvers<void>();
  /** Null until the socket is made. */
  #socket: CableSocket | null = null;
  /** Null until the connection is opened. */
  #subscription: ReplaceableSubscription | null = null;
  #lastFrameAt: Moment | null = null;
  #isEnded = false;

  constructor(request: CableRequest, clock: Clock, listener: ConnectionListener) {
    this.#request = request;
    this.#listener = listener;
    this.#watchdog = new Watchdog(clock, {
      bytesRead: () => this.#socket?.bytesRead ?? 0,
      onStale: () => listener.onStale(),
      onRevived: () => listener.onRevived(),
      onExpired: (loss) => this.#lose(loss),
    });
    try {
      const cable = openCable(request, clock, this.#cableListener());
      this.#subscription = new ReplaceableSubscription(cable, request.channel, clock, {
        onAsked: (events) => listener.onAsked(events),
        onAskFailed: (events, reason) => listener.onAskFailed(events, reason),
        onMessage: (message) => this.#pass(message),
      });
    } catch (error) {
      // The address cannot be used. Report it later, like every other loss, so that the caller has its connection first.
      this.#closed.resolve();
      const text = request.clean(error instanceof Error ? error.message : String(error));
      queueMicrotask(() => this.#lose({ kind: 'unreachable', code: null, text }));
    }
  }

  /**
   * The instant before which everything that the server sent has been read, as proved by the latest readable frame;
   * null before the first.
   */
  get lastFrameAt(): Moment | null {
    return this.#lastFrameAt;
  }

  /**
   * Requests other events without a gap: the present ones arrive until the new ones are confirmed. A newer request
   * replaces one that is not confirmed yet. Does nothing unless subscribed.
   */
  ask(channel: Channel): void {
    if (this.#isLive()) this.#subscription?.ask(channel);
  }

  /** Stops reading (true) or resumes (false), for a caller that cannot take more. */
  hold(isHeld: boolean): void {
    if (!this.#isLive()) return;
    this.#watchdog.hold(isHeld);
    if (isHeld) this.#socket?.pause();
    else this.#socket?.resume();
  }

  /** Closes at once; no callback follows. Resolves when no socket and no timer is left. */
  close(): Promise<void> {
    this.#end();
    return this.#closed.promise;
  }

  #cableListener(): CableListener {
    return {
      onSocket: (socket) => {
        this.#socket = socket;
      },
      onOpen: (protocol) => {
        if (protocol !== 'actioncable-v1-json') this.#lose({ kind: 'notCable' });
        else this.#watchdog.enter('welcome');
      },
      onControlFrame: (frame) => this.#takeControlFrame(frame),
      onFrame: (isReadable) => this.#noteFrame(isReadable),
      onConfirmed: () => {
        // Rails confirms once; a second confirmation would be reported as a second beginning.
        if (this.#watchdog.phase === 'live') return;
        this.#watchdog.enter('live');
        this.#listener.onConfirmed();
      },
      onRejected: () => this.#listener.onRejected(),
      onMessage: (message) => this.#pass(message),
      onLost: (loss) => this.#lose(loss),
      onClosed: () => this.#closed.resolve(),
    };
  }

  /** Returns true if the library is to see the frame. */
  #takeControlFrame(frame: ControlFrame): boolean {
    if (frame.type === 'disconnect') {
      const reason = this.#request.clean(frame.reason);
      this.#lose({ kind: 'disconnected', reason, reconnect: frame.reconnect });
      return false;
    }
    // A second welcome would make the client subscribe again, which Rails never answers.
    if (this.#watchdog.phase !== 'welcome') return false;
    this.#watchdog.enter('confirmation');
    return true;
  }

  #noteFrame(isReadable: boolean): void {
    // The frame itself may have ended the connection: a rejection, or a message that made the caller stop.
    if (this.#isEnded) return;
    if (isReadable) {
      this.#lastFrameAt = this.#watchdog.readUntil ?? this.#lastFrameAt;
      this.#watchdog.frame();
    } else this.#listener.onUnreadable();
  }

  #pass(message: unknown): void {
    if (message === undefined) this.#listener.onUnreadable();
    else this.#listener.onMessage(message);
  }

  #isLive(): boolean {
    return !this.#isEnded && this.#watchdog.phase === 'live';
  }

  #lose(loss: Loss): void {
    if (this.#isEnded) return;
    this.#end();
    this.#listener.onLost(loss);
  }

  #end(): void {
    this.#isEnded = true;
    this.#subscription?.stop();
    this.#watchdog.stop();
    this.#socket?.drop();
  }
}
