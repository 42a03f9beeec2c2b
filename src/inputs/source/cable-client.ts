import { adapters, createConsumer } from '@rails/actioncable';
import type { Clock } from '../../time/clock.ts';
import { ActionCableSocket, type CableSocketEar, type CableSocketRequest, orderSocket } from './cable-socket.ts';

/** What one subscription tells. None of these may throw. */
export interface SubscriptionEar {
  onConfirmed(): void;
  onRejected(): void;
  /** `undefined` when the frame had no message. */
  onMessage(message: unknown): void;
}

/** What a connection and the subscription that it begins with tell. */
export interface CableEar extends CableSocketEar, SubscriptionEar {}

/** The identifier of a subscription, in this order; the server echoes it in every frame. */
export interface Channel {
  readonly channel: string;
  readonly key: string;
  readonly events: string;
}

/** One subscription on a connection. */
export interface CableSubscription {
  /** Nothing more of it is told. */
  unsubscribe(): void;
}

/** A connection that can hold more than one subscription: one identifier each. */
export interface Cable {
  readonly first: CableSubscription;
  subscribe(channel: Channel, ear: SubscriptionEar): CableSubscription;
}

export interface CableRequest extends CableSocketRequest {
  readonly channel: Channel;
}

// The library's place for a WebSocket of one's own. All of its consumers in this process share it.
adapters.WebSocket = ActionCableSocket as unknown as typeof adapters.WebSocket;

/**
 * The parts of a consumer that act on their own clock. They are not in its documentation: the version is pinned, and the
 * source's tests fail if they move.
 */
interface ConsumerParts {
  readonly connection: { monitor: object };
  readonly subscriptions: { guarantor: object };
}

/**
 * Opens a connection with a subscription on it, through a consumer of its own that is used once.
 *
 * Of @rails/actioncable the protocol is used, and neither of its two helpers. Its ConnectionMonitor reports no failed
 * connection, waits for ever on a handshake, does not say that a server is frozen, reconnects by a clock of its own, and needs
 * a global `addEventListener`; its SubscriptionGuarantor repeats an unanswered subscribe twice a second for ever, though Rails
 * answers no second one. No option turns them off, so both are replaced before they start (docs/decisions.md, "Libraries").
 *
 * @throws what the WebSocket's constructor throws for an address that it cannot use
 */
export function openCable(request: CableRequest, clock: Clock, ear: CableEar): Cable {
  const consumer = createConsumer(orderSocket(request, ear, clock));
  const parts = consumer as unknown as ConsumerParts;
  parts.connection.monitor = idleMonitor;
  parts.subscriptions.guarantor = idleGuarantor;
  const subscribe = (channel: Channel, to: SubscriptionEar): CableSubscription => {
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
  return { first: subscribe(request.channel, ear), subscribe };
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
