import { adapters, createConsumer } from '@rails/actioncable';
import type { Clock } from '../../time/clock.ts';
import { ActionCableSocket, type CableSocketListener, type CableSocketRequest, orderSocket } from './cable-socket.ts';

/** Callbacks of one subscription. They must not throw. */
export interface SubscriptionListener {
  onConfirmed(): void;
  onRejected(): void;
  /** `undefined` if the frame had no message. */
  onMessage(message: unknown): void;
}

/** Callbacks of a connection and its first subscription. */
export interface CableListener extends CableSocketListener, SubscriptionListener {}

/** The identifier of a subscription, in this order; the server echoes it in every frame. */
export interface Channel {
  readonly channel: string;
  readonly key: string;
  readonly events: string;
}

/** One subscription on a connection. */
export interface CableSubscription {
  /** Stops all callbacks of the subscription. */
  unsubscribe(): void;
}

/** A connection that can have several subscriptions, one identifier each. */
export interface Cable {
  readonly first: CableSubscription;
  subscribe(channel: Channel, listener: SubscriptionListener): CableSubscription;
}

export interface CableRequest extends CableSocketRequest {
  readonly channel: Channel;
}

// The library's setting for a WebSocket class, shared by all consumers in this process.
adapters.WebSocket = ActionCableSocket as unknown as typeof adapters.WebSocket;

/**
 * Parts of a consumer that have timers of their own. They are not documented; the version is pinned, and the source's
 * tests fail if they change.
 */
interface ConsumerParts {
  readonly connection: { monitor: object };
  readonly subscriptions: { guarantor: object };
}

/**
 * Opens a connection with one subscription, through a consumer that is used once.
 *
 * Only the protocol of @rails/actioncable is used, not its two helpers. ConnectionMonitor does not report a failed
 * connection, waits for ever on a handshake, does not report a frozen server, reconnects by timers of its own, and
 * needs a global `addEventListener`. SubscriptionGuarantor repeats an unanswered subscribe twice a second for ever,
 * though Rails never answers a second one. No option turns them off, so both are replaced before they start
 * (docs/decisions.md, "Libraries").
 *
 * @throws the WebSocket constructor's error for an address that it cannot use
 */
export function openCable(request: CableRequest, clock: Clock, listener: CableListener): Cable {
  const consumer = createConsumer(orderSocket(request, listener, clock));
  const parts = consumer as unknown as ConsumerParts;
  parts.connection.monitor = idleMonitor;
  parts.subscriptions.guarantor = idleGuarantor;
  const subscribe = (channel: Channel, to: SubscriptionListener): CableSubscription => {
    const subscription = consumer.subscriptions.create(
      { ...channel },
      {
        connected: () => to.onConfirmed(),
        rejected: () => to.onRejected(),
        received: (message: unknown) => to.onMessage(message),
      },
    );
    return { unsubscribe: () => void subscription.unsubscribe() };
  };
  return { first: subscribe(request.channel, listener), subscribe };
}

const nothing = () => {};
const idleMonitor = {
  reconnectAttempts: 0,
  start: nothing,
  stop: nothing,
  isRunning: () => false,
  recordMessage: nothing,
  recordConnect: nothing,
  recordDisconnect: nothing,
};
const idleGuarantor = { guarantee: nothing, forget: nothing };
