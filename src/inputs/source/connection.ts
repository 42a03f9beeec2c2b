import type { Clock } from '../../time/clock.ts';
import type { Moment } from '../../time/moment.ts';
import { type Cable, type CableRequest, type CableSubscription, type Channel, openCable } from './cable-client.ts';
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
  /** What `ask` wanted is heard, and what was heard before is not asked for any more. */
  onAsked(events: string): void;
  /** What `ask` wanted was refused; what was heard before is heard on. */
  onAskFailed(events: string, reason: string): void;
  /** A sign of life after all. */
  onRevived(): void;
  /** At most once, and the last thing told. */
  onLost(loss: Loss): void;
}

/** How long the answer to a further subscribe may take, in milliseconds. */
const confirmationMs = 10_000;

/** One attempt to be connected and subscribed, from the first byte to the last. */
export interface Connection {
  /** The instant before which all was read that the server sent, as the latest readable frame proves; null before the first. */
  readonly lastFrameAt: Moment | null;
  /**
   * Asks for other events without a gap: a second subscription is confirmed before the first one goes, and meanwhile both are
   * heard. A newer wish takes the place of one that is not confirmed yet. Does nothing while not subscribed.
   */
  ask(channel: Channel): void;
  /** Reads nothing more (true) until it may again (false): for whoever cannot take what comes. */
  hold(isHeld: boolean): void;
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
    ear.onLost(loss);
  };
  const watchdog = createWatchdog(clock, {
    bytesRead: () => socket?.bytesRead ?? 0,
    onStale: () => ear.onStale(),
    onRevived: () => ear.onRevived(),
    onExpired: lose,
  });

  const onMessage = (message: unknown) => {
    if (message === undefined) ear.onUnreadable();
    else ear.onMessage(message);
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
      ear.onAsked(events);
      return;
    }
    const fail = (reason: string) => {
      takeBack();
      ear.onAskFailed(events, reason);
    };
    const cancel = clock.after(confirmationMs, () => fail(`no confirmation within ${confirmationMs / 1_000} s`));
    const subscription = cable.subscribe(channel, {
      onConfirmed() {
        if (ended || asked?.subscription !== subscription) return;
        cancel();
        asked = null;
        heard?.subscription.unsubscribe();
        heard = { events, subscription };
        ear.onAsked(events);
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
        // A second welcome would make the client subscribe a second time, which Rails never answers.
        if (watchdog.phase !== 'welcome') return false;
        watchdog.enter('confirmation');
        return true;
      },
      onFrame: (readable) => {
        // The frame itself may have been what ended the connection: a rejection, a message that made the caller stop.
        if (ended) return;
        if (!readable) return ear.onUnreadable();
        lastFrameAt = watchdog.readUntil ?? lastFrameAt;
        watchdog.frame();
      },
      onConfirmed: () => {
        // Rails confirms once; another confirmation would be told as a second beginning.
        if (watchdog.phase === 'live') return;
        watchdog.enter('live');
        ear.onConfirmed();
      },
      onRejected: () => ear.onRejected(),
      onMessage,
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
