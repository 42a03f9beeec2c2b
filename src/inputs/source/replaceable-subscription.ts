import type { Clock } from '../../time/clock.ts';
import type { Cable, CableSubscription, Channel } from './cable-client.ts';

/** Callbacks about other events of the same connection. They must not throw. */
export interface ReplacementListener {
  /** The events of `ask` are confirmed, and the subscription before is gone. */
  onAsked(events: string): void;
  /** The events of `ask` were refused; the subscription before stays. */
  onAskFailed(events: string, reason: string): void;
  /** A message of the new subscription; `undefined` if the frame had no message. */
  onMessage(message: unknown): void;
}

/** Time for the answer to a further subscribe, ms. */
const confirmationMs = 10_000;

/**
 * The one subscription of a connection. Other events replace it without a gap: a second subscription is confirmed before
 * the first one is dropped, and until then both deliver.
 */
export class ReplaceableSubscription {
  readonly #cable: Cable;
  readonly #clock: Clock;
  readonly #listener: ReplacementListener;
  #confirmed: { readonly channel: Channel; readonly subscription: CableSubscription };
  #asked: { readonly subscription: CableSubscription; readonly cancel: () => void } | null = null;

  /** @param channel that of the first subscription */
  constructor(cable: Cable, channel: Channel, clock: Clock, listener: ReplacementListener) {
    this.#cable = cable;
    this.#clock = clock;
    this.#listener = listener;
    this.#confirmed = { channel, subscription: cable.first };
  }

  /** Requests other events. A newer request replaces one that is not confirmed yet. */
  ask(channel: Channel): void {
    this.#takeBack();
    const { events } = channel;
    const { channel: confirmed } = this.#confirmed;
    if (confirmed.events === events && confirmed.key === channel.key) {
      this.#listener.onAsked(events);
      return;
    }
    const late = `no confirmation within ${confirmationMs / 1_000} s`;
    const cancel = this.#clock.after(confirmationMs, () => this.#fail(events, late));
    const subscription = this.#cable.subscribe(channel, {
      onConfirmed: () => {
        if (this.#asked?.subscription === subscription) this.#replace(channel);
      },
      onRejected: () => {
        if (this.#asked?.subscription === subscription) this.#fail(events, 'it was rejected');
      },
      onMessage: (message) => this.#listener.onMessage(message),
    });
    this.#asked = { subscription, cancel };
  }

  /** Ends the wait for an answer. No callback about a request follows. */
  stop(): void {
    this.#asked?.cancel();
    this.#asked = null;
  }

  #replace(channel: Channel): void {
    const { subscription } = this.#asked!;
    this.stop();
    this.#confirmed.subscription.unsubscribe();
    this.#confirmed = { channel, subscription };
    this.#listener.onAsked(channel.events);
  }

  #fail(events: string, reason: string): void {
    this.#takeBack();
    this.#listener.onAskFailed(events, reason);
  }

  #takeBack(): void {
    const asked = this.#asked;
    this.stop();
    asked?.subscription.unsubscribe();
  }
}
