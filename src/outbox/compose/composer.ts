import type { Adapter } from '../../adapters/adapter.ts';
import type { Message } from '../../render/message.ts';
import type { SubscriptionOptions } from '../../router/subscription-options.ts';
import type { EventCache } from '../../store/event-cache.ts';
import type { Event, Mention } from '../../words.ts';
import type { DueDelivery } from '../rows/due-deliveries.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import type { Formatted } from '../send/first-sends.ts';
import type { RoomGate } from '../send/room-gate.ts';
import type { Guard, Result } from './catch-bugs.ts';
import type { Draw } from './draw.ts';
import { hashOf } from './hash-of.ts';

export interface ComposerOptions {
  readonly draw: Draw;
  readonly events: EventCache;
  readonly gate: RoomGate;
  readonly adapter: Adapter;
  readonly safeguards: Pick<SendSafeguards, 'mintKey'>;
  readonly guard: Guard;
}

/** Draws the messages of one room and formats them for its platform. A bug in that is a failure of the message. */
export class Composer {
  readonly #options: ComposerOptions;

  constructor(options: ComposerOptions) {
    this.#options = options;
  }

  /** Draws a delivery: by itself, or as the card of its subject. */
  drawDelivery({ subject, eventId, template, options: { isCard } }: DueDelivery): Promise<Result<Message>> {
    if (isCard) return this.drawCard({ subject, template });
    const { draw, gate, guard } = this.#options;
    return guard(subject, async () => draw.event(await this.#eventOf({ subject, eventId }), template, gate.room));
  }

  /** Returns a hash of what a delivery's message says about its row; null: it is not compared. */
  async contentOf({ subject, eventId, template, type, rowKey, options }: DueDelivery): Promise<string | null> {
    if (rowKey === null || options.isCard) return null;
    // No update repeats the message of a destroy or of a derived event.
    if (type !== 'create' && type !== 'update') return type;
    const { draw, gate, guard } = this.#options;
    const content = async () => draw.content(await this.#eventOf({ subject, eventId }), template, gate.room);
    const { value } = await guard(subject, content, 'it is sent even if it repeats a message');
    return value === null ? null : hashOf([value]);
  }

  async #eventOf({ subject, eventId }: Pick<DueDelivery, 'subject' | 'eventId'>): Promise<Event> {
    const event = await this.#options.events.get(eventId);
    // A review belongs to the post of its item, which the store finds after the event was received.
    return event.subject === subject ? event : { ...event, subject };
  }

  drawCard(card: Parameters<Draw['card']>[0]): Promise<Result<Message>> {
    const { draw, gate, guard } = this.#options;
    return guard(card.subject, async () => (await draw.card(card, gate.room)).message);
  }

  async format(
    subject: string,
    { value: message, failure: unmade }: Result<Message>,
    mentions: readonly Mention[] = [],
  ): Promise<Formatted> {
    const { adapter, gate, guard, safeguards } = this.#options;
    const key = safeguards.mintKey();
    if (message === null) return { key, payload: '', failure: unmade };
    const { value, failure } = await guard(subject, () => adapter.format(message, key, gate.address, mentions));
    return { key, payload: value ?? '', failure };
  }

  /**
   * Formats as many of the messages as one has room for, from the first on. Returns null if they do not go together, or
   * it has room for less than two.
   */
  async formatTogether(
    subject: string,
    messages: readonly Message[],
    mentions: readonly Mention[],
  ): Promise<{ readonly carried: number; readonly formatted: Formatted } | null> {
    const { adapter, gate, guard, safeguards } = this.#options;
    const key = safeguards.mintKey();
    const { value } = await guard(subject, () => adapter.together(messages, key, gate.address, mentions));
    if (value === null || value.carried < 2) return null;
    return { carried: value.carried, formatted: { key, payload: value.payload, failure: null } };
  }

  /** Keys of the facts that a card drawn from now on shows from the beginning, if answers announce the others. */
  async announcedBy(subject: string, { isCard, updates }: SubscriptionOptions): Promise<readonly string[]> {
    if (!isCard || (updates !== 'reply' && updates !== 'thread')) return [];
    const { draw, guard } = this.#options;
    const facts = () => draw.facts(subject);
    const { value } = await guard(subject, facts, 'the facts that its card shows may be announced again');
    return (value?.list ?? []).map(({ key }) => key);
  }
}
