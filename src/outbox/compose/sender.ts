import type { Account } from '../../adapters/adapter.ts';
import type { Message } from '../../render/message.ts';
import type { SubscriptionOptions } from '../../router/subscription-options.ts';
import type { EventCache } from '../../store/event-cache.ts';
import type { Mention } from '../../words.ts';
import type { Card } from '../rows/cards.ts';
import type { DueDelivery } from '../rows/due-deliveries.ts';
import type { UnsentNotice } from '../rows/next-work.ts';
import type { StoredSend } from '../rows/send-row.ts';
import { noteFresh, type StaleMessage } from '../rows/stale-messages.ts';
import {
  newMessage,
  type Planned,
  type PlannedReaction,
  storeNoticePlan,
  storePlan,
  storeReactionPlan,
} from '../rows/store-send.ts';
import { storePlans } from '../rows/store-singles.ts';
import { type Attempts, type AttemptsOptions, createAttempts } from '../send/attempts.ts';
import { createGuard, type Guard, ok, type Result } from './catch-bugs.ts';
import type { Draw } from './draw.ts';
import { hashOf } from './hash-of.ts';
import { type MentionParts, mentionsOf } from './mentions.ts';
import { createRedrawer, type Redrawer } from './redraw-card.ts';

export interface SenderOptions extends AttemptsOptions {
  readonly draw: Draw;
  readonly events: EventCache;
  /** All platforms whose people a subscription may mention. */
  readonly platforms: MentionParts['platforms'];
}

/** A digest that is to be sent, or to take the place of one that the room shows. */
export interface Digest extends Pick<Planned, 'deliveries' | 'message'> {
  /** The whole message, as the room is to show it. */
  readonly content: Message;
}

/** The parts of a send beside its deliveries. */
type Parts = Pick<Planned, 'key' | 'payload' | 'failure'>;

/**
 * Makes the sends of one room.
 *
 *     waiting ──plan──▶ planned + pending send ──sent──▶ sent
 *        ▲                    │        │ ▲
 *        │                    │        └─┘ unknown: the same bytes again, its subject waits
 *        └──── certainly not accepted: planned anew after the wait
 *                             └── rejected, or 24 h without an answer ──▶ dead
 *
 * A rejected message with several deliveries is split, and each delivery is planned alone.
 */
export interface Sender {
  /** Turns deliveries into one message, as many as it has room for; stores it with its send, and makes the first attempt. */
  plan(deliveries: readonly DueDelivery[], account: Account): Promise<void>;
  /** Gives each delivery a message of its own: stores all together, and sends one after the other. Returns true if all were sent. */
  each(deliveries: readonly DueDelivery[], account: Account): Promise<boolean>;
  /** Sends a digest whose content is made already; one without deliveries takes the place of what the room shows. */
  digest(digest: Digest, account: Account): Promise<void>;
  /** Gives a card without a delivery a message of its own. */
  card(card: Card, account: Account): Promise<void>;
  /** Draws a message of cards anew, or announces the news in another way. Sends nothing if it would look the same. */
  redraw(stale: StaleMessage, account: Account): Promise<void>;
  /** Makes the first attempt to send a notice that is stored. */
  notice(notice: UnsentNotice, account: Account): Promise<void>;
  /** Tries a stored send again, or searches the room if its key does not protect any more. */
  repeat(send: StoredSend, account: Account): Promise<void>;
  /** Makes a dead letter of work on which our own code fails. */
  giveUp(work: FailedWork, reason: string, account: Account): Promise<void>;
}

/** A piece of work on which our own code fails. */
export type FailedWork =
  | { readonly kind: 'repeat'; readonly send: StoredSend }
  | { readonly kind: 'notice'; readonly notice: UnsentNotice }
  | { readonly kind: 'delivery'; readonly delivery: DueDelivery }
  | { readonly kind: 'card'; readonly card: Card }
  | { readonly kind: 'redraw'; readonly message: StaleMessage };

/** A delivery, and the message that it was made into. */
interface Drawn {
  readonly delivery: DueDelivery;
  readonly message: Result<Message>;
}

/** A delivery that was made into a message. */
interface Drawable {
  readonly delivery: DueDelivery;
  readonly message: Message;
}

/** Makes the sender of one room. */
export function createSender(options: SenderOptions): Sender {
  return new RoomSender(options);
}

class RoomSender implements Sender {
  readonly #options: SenderOptions;
  readonly #attempts: Attempts;
  readonly #guard: Guard;
  readonly #redrawer: Redrawer;

  constructor(options: SenderOptions) {
    const { db, draw, gate, keeper, clock, log, safeguards, platforms } = options;
    this.#options = options;
    this.#attempts = createAttempts(options);
    this.#guard = createGuard(log, gate.room.name);
    this.#redrawer = createRedrawer({
      ...{ db, draw, gate, clock, platforms },
      guard: this.#guard,
      adapter: keeper.adapter,
      mintKey: safeguards.mintKey,
      store: (planned, parts, account) => this.#store({ deliveries: [], ...planned }, parts, account),
      react: (plan, account) => this.#react(plan, account),
    });
  }

  async each(deliveries: readonly DueDelivery[], account: Account): Promise<boolean> {
    const drawn: Drawn[] = [];
    for (const delivery of deliveries) drawn.push({ delivery, message: await this.#draw(delivery) });
    return this.#sendEach(drawn, account);
  }

  async plan(deliveries: readonly DueDelivery[], account: Account): Promise<void> {
    const [first] = deliveries;
    if (first === undefined) return;
    const firstDrawn = { delivery: first, message: await this.#draw(first) };
    const drawable: Drawable[] = [];
    const { message } = firstDrawn;
    if (message.failure === null) drawable.push({ delivery: first, message: message.value });
    for (const delivery of deliveries.slice(1)) {
      const next = await this.#draw(delivery);
      // A delivery that cannot be rendered becomes a dead letter of its own; the others are picked again.
      if (next.failure === null) drawable.push({ delivery, message: next.value });
    }
    const isTogether = message.failure === null && (await this.#sendTogether(drawable, deliveries, account));
    if (!isTogether) await this.#sendEach([firstDrawn], account);
  }

  async digest({ deliveries, message, content }: Digest, account: Account): Promise<void> {
    const parts = await this.#format(message.message.subject, ok(content));
    await this.#store({ deliveries, message, shown: hashOf([content]) }, parts, account);
  }

  async card(card: Card, account: Account): Promise<void> {
    const { draw, gate } = this.#options;
    const { subject, template, answers } = card;
    const announced = await this.#announcedBy(subject, card.options);
    const drawn = async () => (await draw.card({ subject, template }, gate.room)).message;
    const message = await this.#guard(subject, drawn);
    const parts = await this.#format(subject, message);
    const fresh = newMessage({ subject, kind: 'card', answers, cards: { kind: 'card', card }, announced });
    const shown = message.failure === null ? hashOf([message.value]) : null;
    await this.#store({ deliveries: [], message: fresh, shown }, parts, account);
  }

  redraw(stale: StaleMessage, account: Account): Promise<void> {
    return this.#redrawer.redraw(stale, account);
  }

  repeat(send: StoredSend, account: Account): Promise<void> {
    return this.#attempts.repeat(send, account);
  }

  async notice(notice: UnsentNotice, account: Account): Promise<void> {
    const parts = await this.#format(notice.subject, ok(notice.message));
    const send = await this.#storeNotice(notice, parts, account);
    if (parts.failure === null) await this.#attempts.make(send, 0);
  }

  async giveUp(work: FailedWork, failure: string, account: Account): Promise<void> {
    const { db, safeguards } = this.#options;
    const parts = { key: safeguards.mintKey(), payload: '', failure };
    switch (work.kind) {
      case 'repeat':
        return this.#attempts.giveUp(work.send, failure);
      case 'notice':
        await this.#storeNotice(work.notice, parts, account);
        return;
      case 'delivery': {
        const message = newMessage({ subject: work.delivery.subject, kind: 'single' });
        return this.#store({ deliveries: [work.delivery], message, shown: null }, parts, account);
      }
      case 'card': {
        const { card } = work;
        const { subject, answers } = card;
        const message = newMessage({ subject, kind: 'card', answers, cards: { kind: 'card', card } });
        return this.#store({ deliveries: [], message, shown: null }, parts, account);
      }
      case 'redraw':
        return noteFresh(db, work.message);
      default:
        return work satisfies never;
    }
  }

  /** Makes a delivery into a message: by itself, or as the card of its subject. */
  #draw({ subject, eventId, template, options: { isCard } }: DueDelivery): Promise<Result<Message>> {
    const { draw, events, gate } = this.#options;
    return this.#guard(subject, async () => {
      if (isCard) return (await draw.card({ subject, template }, gate.room)).message;
      const event = await events.get(eventId);
      // A review belongs to the post of its item, which the store finds after the event was received.
      const ofDelivery = event.subject === subject ? event : { ...event, subject };
      return draw.event(ofDelivery, template, gate.room);
    });
  }

  async #format(
    subject: string,
    { value: message, failure: unmade }: Result<Message>,
    mentions: readonly Mention[] = [],
  ): Promise<Parts> {
    const { gate, keeper, safeguards } = this.#options;
    const key = safeguards.mintKey();
    if (message === null) return { key, payload: '', failure: unmade };
    const format = () => keeper.adapter.format(message, key, gate.address, mentions);
    const { value, failure } = await this.#guard(subject, format);
    return { key, payload: value ?? '', failure };
  }

  /** Keys of the facts that a card drawn from now on shows from the beginning, if answers announce the others. */
  async #announcedBy(subject: string, { isCard, updates }: SubscriptionOptions): Promise<readonly string[]> {
    if (!isCard || (updates !== 'reply' && updates !== 'thread')) return [];
    const facts = () => this.#options.draw.facts(subject);
    const { value } = await this.#guard(subject, facts, 'the facts that its card shows may be announced again');
    return (value?.list ?? []).map(({ key }) => key);
  }

  #planned(
    { deliveries, message, shown }: Pick<Planned, 'deliveries' | 'message' | 'shown'>,
    parts: Parts,
    account: Account,
  ): Planned {
    const { clock, gate } = this.#options;
    const now = clock.now();
    const counting = deliveries.map((delivery) => {
      const countedMs = this.#attempts.counted(delivery.countedMs, delivery.lastAttemptAt ?? now);
      return { ...delivery, countedMs };
    });
    // A delivery that waited long does not end those that came a moment ago.
    const countedMs = counting.length === 0 ? 0 : Math.min(...counting.map((delivery) => delivery.countedMs));
    return { roomId: gate.room.id, account, ...parts, now, countedMs, deliveries: counting, message, shown };
  }

  /** Stores a send and makes its first attempt, unless it could not be formatted. */
  async #store(what: Pick<Planned, 'deliveries' | 'message' | 'shown'>, parts: Parts, account: Account): Promise<void> {
    const planned = this.#planned(what, parts, account);
    const send = await this.#options.writer.write((trx) => storePlan(trx, planned));
    if (parts.failure === null) await this.#attempts.make(send, what.deliveries.length);
  }

  async #storeNotice(notice: UnsentNotice, parts: Parts, account: Account): Promise<StoredSend> {
    const { clock, gate, writer } = this.#options;
    const plan = { notice, roomId: gate.room.id, account, ...parts, now: clock.now(), countedMs: 0 };
    return writer.write((trx) => storeNoticePlan(trx, plan));
  }

  async #react(plan: Pick<PlannedReaction, 'message' | 'action' | 'payload'>, account: Account): Promise<void> {
    const { clock, gate, safeguards, writer } = this.#options;
    const parts = { key: safeguards.mintKey(), failure: null, countedMs: 0, now: clock.now(), account };
    const planned = { roomId: gate.room.id, ...parts, ...plan };
    await this.#attempts.make(await writer.write((trx) => storeReactionPlan(trx, planned)), 0);
  }

  /** Gives each delivery, drawn already, a message of its own. */
  async #sendEach(drawn: readonly Drawn[], account: Account): Promise<boolean> {
    const planned: Planned[] = [];
    for (const one of drawn) planned.push(await this.#single(one, account));
    const sends = await this.#options.writer.write((trx) => storePlans(trx, planned));
    // A delivery that could not be made into a message is a dead letter by now.
    const pending = sends.filter(({ state }) => state === 'pending');
    return this.#attempts.makeAll(pending.map((send) => ({ send, deliveries: 1 })));
  }

  /** One delivery in a message of its own. */
  async #single({ delivery, message }: Drawn, account: Account): Promise<Planned> {
    const { clock, gate } = this.#options;
    const { subject, options } = delivery;
    const announced = await this.#announcedBy(subject, options);
    const { pinged, mentions } = await mentionsOf(this.#options, gate.room, [delivery], clock.now());
    const parts = await this.#format(subject, message, mentions);
    const fresh = options.isCard
      ? newMessage({ subject, kind: 'card', pinged, cards: { kind: 'deliveries' }, announced })
      : newMessage({ subject, kind: 'single', pinged });
    const shown = options.isCard && message.failure === null ? hashOf([message.value]) : null;
    return this.#planned({ deliveries: [delivery], message: fresh, shown }, parts, account);
  }

  /** Sends messages as one. Returns false if they do not go together, or the platform has room for less than two. */
  async #sendTogether(
    drawable: readonly Drawable[],
    deliveries: readonly DueDelivery[],
    account: Account,
  ): Promise<boolean> {
    const { clock, gate, keeper, safeguards } = this.#options;
    const [first] = drawable;
    if (first === undefined || drawable.length < 2) return false;
    const { subject } = first.delivery;
    const key = safeguards.mintKey();
    const messages = drawable.map(({ message }) => message);
    const { pinged, mentions } = await mentionsOf(this.#options, gate.room, deliveries, clock.now());
    const join = () => keeper.adapter.together(messages, key, gate.address, mentions);
    const together = await this.#guard(subject, join);
    if (together.failure !== null || together.value.carried < 2) return false;
    const { payload, carried } = together.value;
    const kept = drawable.slice(0, carried).map(({ delivery }) => delivery);
    const isOfCards = kept.some((delivery) => delivery.options.isCard);
    const cards = { kind: isOfCards ? 'deliveries' : 'none' } as const;
    const fresh = newMessage({ subject, kind: 'digest', pinged, cards });
    const shown = isOfCards ? hashOf(messages.slice(0, carried)) : null;
    await this.#store({ deliveries: kept, message: fresh, shown }, { key, payload, failure: null }, account);
    return true;
  }
}
