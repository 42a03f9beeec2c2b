import type { Clock } from '../../time/clock.ts';
import type { Moment } from '../../time/moment.ts';
import { type Cable, type CableRequest, type CableSubscription, type Channel, openCable } from './cable-client.ts';
import type { CableSocket } from './cable-socket.ts';
import type { Loss } from './loss.ts';
import { createWatchdog } from './watchdog.ts';

/**
 * Callbacks of one connection, in the order of its life: confirmed or rejected, stale and revived, lost. They must not
 * throw.
 */
export interface ConnectionListener {
  onConfirmed(): void;
  onRejected(): void;
  onMessage(message: unknown): void;
  /** Called for a frame that no Action Cable client can read. The connection goes on. */
  onUnreadable(): void;
  /** Called if there was no sign of life for some seconds after subscribing. */
  onStale(): void;
  /** The events of `ask` are confirmed, and the subscription before is gone. */
  onAsked(events: string): void;
  /** The events of `ask` were refused; the subscription before stays. */
  onAskFailed(events: string, reason: string): void;
  /** Called when a sign of life follows after all. */
  onRevived(): void;
  /** Called at most once, as the last callback. */
  onLost(loss: Loss): void;
}

/** Time for the answer to a further subscribe, ms. */
const confirmationMs = 10_000;

/** One attempt to connect and subscribe, from the first byte to the last. */
export interface Connection {
  /**
   * The instant before which everything that the server sent has been read, as proved by the latest readable frame;
   * null before the first.
   */
  readonly lastFrameAt: Moment | null;
  /**
   * Requests other events without a gap: a second subscription is confirmed before the first one is dropped, and until
   * then both deliver. A newer request replaces one that is not confirmed yet. Does nothing unless subscribed.
   */
  ask(channel: Channel): void;
  /** Stops reading (true) or resumes (false), for a caller that cannot take more. */
  hold(isHeld: boolean): void;
  /** Closes at once; no callback follows. Resolves when no socket and no timer is left. */
  close(): Promise<void>;
}

/**
 * Connects and subscribes. Every wait has a limit (see watchdog.ts); every failure is reported as a Loss, and nothing
 * is thrown, now or later.
 */
export function openConnection(request: CableRequest, clock: Clock, listener: ConnectionListener): Connection {
  let ended = false;
  let socket: CableSocket | null = null;
  let lastFrameAt: Moment | null = null;
  const closed = Promise.withResolvers<void>();
  let cable: Cable | null = null;
  let heard: { readonly events: string; readonly subscription: CableSubscription } | null = null;
  let asked: { readonly subscription: CableSubscription; readonly cancel: () => void } | null = null;

  const end = () => {
    ended = true;
    asked?.cancel();
    watchdog.stop();
    socket?.drop();
  };
  const lose = (loss: Loss) => {
    if (ended) return;
    end();
    listener.onLost(loss);
  };
  const watchdog = createWatchdog(clock, {
    bytesRead: () => socket?.bytesRead ?? 0,
    onStale: () => listener.onStale(),
    onRevived: () => listener.onRevived(),
    onExpired: lose,
  });

  const onMessage = (message: unknown) => {
    if (message === undefined) listener.onUnreadable();
    else listener.onMessage(message);
  };

  function takeBack(): void {
    asked?.cancel();
    asked?.subscription.unsubscribe();
    asked = null;
  }

  function ask(channel: Channel): void {
    if (ended || cable === null || watchdog.phase !== 'live') return;
    takeBack();
    heard ??= { events: request.channel.events, subscription: cable.first };
    const { events } = channel;
    if (heard.events === events) {
      listener.onAsked(events);
      return;
    }
    const fail = (reason: string) => {
      takeBack();
      listener.onAskFailed(events, reason);
    };
    const cancel = clock.after(confirmationMs, () => fail(`no confirmation within ${confirmationMs / 1_000} s`));
    const subscription = cable.subscribe(channel, {
      onConfirmed() {
        if (ended || asked?.subscription !== subscription) return;
        cancel();
        asked = null;
        heard?.subscription.unsubscribe();
        heard = { events, subscription };
        listener.onAsked(events);
      },
      onRejected() {
        if (!ended && asked?.subscription === subscription) fail('it was rejected');
      },
      onMessage,
    });
    asked = { subscription, cancel };
  }

  try {
    cable = openCable(request, clock, {
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
        // A second welcome would make the client subscribe again, which Rails never answers.
        if (watchdog.phase !== 'welcome') return false;
        watchdog.enter('confirmation');
        return true;
      },
      onFrame: (readable) => {
        // The frame itself may have ended the connection: a rejection, or a message that made the caller stop.
        if (ended) return;
        if (!readable) return listener.onUnreadable();
        lastFrameAt = watchdog.readUntil ?? lastFrameAt;
        watchdog.frame();
      },
      onConfirmed: () => {
        // Rails confirms once; a second confirmation would be reported as a second beginning.
        if (watchdog.phase === 'live') return;
        watchdog.enter('live');
        listener.onConfirmed();
      },
      onRejected: () => listener.onRejected(),
      onMessage,
      onLost: lose,
      onClosed: () => closed.resolve(),
    });
  } catch (error) {
    // The address cannot be used. Report it later, like every other loss, so that the caller has its connection first.
    closed.resolve();
    const text = request.clean(error instanceof Error ? error.message : String(error));
    queueMicrotask(() => lose({ kind: 'unreachable', code: null, text }));
  }

  return {
    get lastFrameAt() {
      return lastFrameAt;
    },
    ask,
    hold(isHeld) {
      if (ended || watchdog.phase !== 'live') return;
      watchdog.hold(isHeld);
      if (isHeld) socket?.pause();
      else socket?.resume();
    },
    close() {
      end();
      return closed.promise;
    },
  };
}
