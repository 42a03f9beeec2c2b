import type { Clock } from '../clock.ts';
import { type CableRequest, openCable } from './cable-client.ts';
import type { CableSocket } from './cable-socket.ts';
import type { Loss } from './loss.ts';
import { createWatchdog } from './watchdog.ts';

/** What one connection tells, in this order of life: confirmed or rejected, stale and revived, lost. None may throw. */
export interface ConnectionEar {
  onConfirmed(): void;
  onRejected(): void;
  onMessage(message: unknown): void;
  /** A frame that no Action Cable client can read. The connection goes on. */
  onUnreadable(): void;
  /** Subscribed, but no sign of life for some seconds. */
  onStale(): void;
  /** A sign of life after all. */
  onRevived(): void;
  /** At most once, and the last thing told. */
  onLost(loss: Loss): void;
}

/** One attempt to be connected and subscribed, from the first byte to the last. */
export interface Connection {
  /** When the latest readable frame came, Unix milliseconds; null before the first. */
  readonly lastFrameAt: number | null;
  /** Lets go at once; nothing is told from here on. Resolves when no socket and no timer is left. */
  close(): Promise<void>;
}

/**
 * Connects and subscribes. Every wait has an end (see watchdog.ts); whatever goes wrong is told as a Loss, and nothing is
 * thrown, now or later.
 */
export function openConnection(request: CableRequest, clock: Clock, ear: ConnectionEar): Connection {
  let ended = false;
  let socket: CableSocket | null = null;
  let lastFrameAt: number | null = null;
  const closed = Promise.withResolvers<void>();

  const end = () => {
    ended = true;
    watchdog.stop();
    socket?.drop();
  };
  const lose = (loss: Loss) => {
    if (ended) return;
    end();
    ear.onLost(loss);
  };
  const watchdog = createWatchdog(clock, {
    bytesRead: () => socket?.bytesRead ?? 0,
    onStale: () => ear.onStale(),
    onRevived: () => ear.onRevived(),
    onExpired: lose,
  });

  try {
    openCable(request, {
      onSocket: (made) => {
        socket = made;
      },
      onOpen: (protocol) => {
        if (protocol !== 'actioncable-v1-json') lose({ kind: 'notCable' });
        else watchdog.enter('welcome');
      },
      onControlFrame: (frame) => {
        if (frame.type === 'disconnect') {
          lose({ kind: 'disconnected', reason: request.clean(frame.reason), reconnect: frame.reconnect });
          return false;
        }
        // A second welcome would make the client subscribe a second time, which Rails never answers.
        if (watchdog.phase !== 'welcome') return false;
        watchdog.enter('confirmation');
        return true;
      },
      onFrame: (readable) => {
        // The frame itself may have been what ended the connection: a rejection, a message that made the caller stop.
        if (ended) return;
        if (!readable) return ear.onUnreadable();
        lastFrameAt = clock.now();
        watchdog.frame();
      },
      onConfirmed: () => {
        // Rails confirms once; another confirmation would be told as a second beginning.
        if (watchdog.phase === 'live') return;
        watchdog.enter('live');
        ear.onConfirmed();
      },
      onRejected: () => ear.onRejected(),
      onMessage: (message) => {
        if (message === undefined) ear.onUnreadable();
        else ear.onMessage(message);
      },
      onLost: lose,
      onClosed: () => closed.resolve(),
    });
  } catch (error) {
    // The address cannot be used at all. Told later, like every other loss, so that the caller has its connection first.
    closed.resolve();
    const text = request.clean(error instanceof Error ? error.message : String(error));
    queueMicrotask(() => lose({ kind: 'unreachable', code: null, text }));
  }

  return {
    get lastFrameAt() {
      return lastFrameAt;
    },
    close() {
      end();
      return closed.promise;
    },
  };
}
