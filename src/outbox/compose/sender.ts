import type { Account } from '../../adapters/adapter.ts';
import type { Message } from '../../render/message.ts';
import type { EventCache } from '../../store/event-cache.ts';
import { type Card, putOffCard } from '../rows/cards.ts';
import type { DueDelivery } from '../rows/due-deliveries.ts';
import type { UnsentNotice } from '../rows/next-work.ts';
import type { StoredSend } from '../rows/send-row.ts';
import { settleCancelled } from '../rows/settle.ts';
import { noteFresh, putOff, type StaleMessage } from '../rows/stale-messages.ts';
import { newMessage, type Planned } from '../rows/store-send.ts';
import { type Attempts, type AttemptsOptions, createAttempts } from '../send/attempts.ts';
import { FirstSends } from '../send/first-sends.ts';
import { createGuard, ok, type Result } from './catch-bugs.ts';
import { Composer } from './composer.ts';
import type { Draw } from './draw.ts';
import { hashOf } from './hash-of.ts';
import { type MentionParts, mentionsOf } from './mentions.ts';
import { createRedrawer, type Redrawer } from './redraw-card.ts';
import { repeatedBy } from './repeats.ts';

export interface SenderOptions extends AttemptsOptions {
  readonly draw: Draw;
  readonly events: EventCache;
  /** All platforms whose people a subscription may mention. */
  readonly platforms: MentionParts['platforms'];
  /** Lets the room draw nothing anew for a time: its edits are limited. */
  readonly redrawLater: (waitMs: number) => void;
}

/** A digest that is to be sent, or to take the place of one that the room shows. */
export interface Digest extends Pick<Planned, 'deliveries' | 'message'> {
  /** The whole message, as the room is to show it. */
  readonly content: Message;
}

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
  /** Gives each delivery a message of its own: stores all together, and sends one after the other. */
  each(deliveries: readonly DueDelivery[], account: Account): Promise<SentEach>;
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

/** The outcome of several messages: their number, and whether each was sent. */
export interface SentEach {
  readonly count: number;
  readonly allSent: boolean;
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
  readonly #sends: FirstSends;
  readonly #composer: Composer;
  readonly #redrawer: Redrawer;

  constructor(options: SenderOptions) {
    const { db, draw, events, gate, keeper, clock, log, safeguards, platforms, redrawLater } = options;
    const guard = createGuard(log, gate.room.name);
    this.#options = options;
    this.#attempts = createAttempts(options);
    this.#sends = new FirstSends({ ...options, adapter: keeper.adapter, attempts: this.#attempts });
    this.#composer = new Composer({ draw, events, gate, adapter: keeper.adapter, safeguards, guard });
    this.#redrawer = createRedrawer({
      ...{ db, draw, gate, clock, platforms, guard, redrawLater },
      adapter: keeper.adapter,
      mintKey: safeguards.mintKey,
      store: (planned, parts, account) => this.#sends.send({ deliveries: [], ...planned }, parts, account),
      react: (plan, account) => this.#sends.react(plan, account),
    });
  }

  async each(deliveries: readonly DueDelivery[], account: Account): Promise<SentEach> {
    const drawn = await this.#drawNews(deliveries);
    return { count: drawn.length, allSent: await this.#sendEach(drawn, account) };
  }

  async plan(deliveries: readonly DueDelivery[], account: Account): Promise<void> {
    const drawn = await this.#drawNews(deliveries);
    const [first] = drawn;
    if (first === undefined) return;
    // A delivery that cannot be rendered becomes a dead letter of its own; the others are picked again.
    const drawable = drawn.flatMap(drawableOf);
    const isTogether = first.message.failure === null && (await this.#sendTogether(drawable, account));
    if (!isTogether) await this.#sendEach([first], account);
  }

  async digest({ deliveries, message, content }: Digest, account: Account): Promise<void> {
    const formatted = await this.#composer.format(message.message.subject, ok(content));
    await this.#sends.send({ deliveries, message, shown: hashOf([content]) }, formatted, account);
  }

  async card(card: Card, account: Account): Promise<void> {
    const { subject, template, answers } = card;
    const { db, gate, clock } = this.#options;
    const waitMs = answers === null ? 0 : gate.changeWaitMs('reply');
    if (waitMs > 0) return putOffCard(db, card, clock.now() + Math.ceil(waitMs));
    const announced = await this.#composer.announcedBy(subject, card.options);
    const message = await this.#composer.drawCard({ subject, template });
    const formatted = await this.#composer.format(subject, message);
    const fresh = newMessage({ subject, kind: 'card', answers, cards: { kind: 'card', card }, announced });
    const shown = message.failure === null ? hashOf([message.value]) : null;
    await this.#sends.send({ deliveries: [], message: fresh, shown }, formatted, account);
  }

  redraw(stale: StaleMessage, account: Account): Promise<void> {
    return this.#redrawer.redraw(stale, account);
  }

  repeat(send: StoredSend, account: Account): Promise<void> {
    return this.#attempts.repeat(send, account);
  }

  async notice(notice: UnsentNotice, account: Account): Promise<void> {
    const { db, gate, clock } = this.#options;
    const waitMs = gate.changeWaitMs(notice.action.kind);
    if (waitMs > 0) return putOff(db, notice.messageId, clock.now() + Math.ceil(waitMs));
    await this.#sends.sendNotice(notice, await this.#composer.format(notice.subject, ok(notice.message)), account);
  }

  async giveUp(work: FailedWork, failure: string, account: Account): Promise<void> {
    const { db, safeguards } = this.#options;
    const unformatted = { key: safeguards.mintKey(), payload: '', failure };
    switch (work.kind) {
      case 'repeat':
        return this.#attempts.giveUp(work.send, failure);
      case 'notice':
        return this.#sends.sendNotice(work.notice, unformatted, account);
      case 'delivery': {
        const message = newMessage({ subject: work.delivery.subject, kind: 'single' });
        return this.#sends.send({ deliveries: [work.delivery], message, shown: null }, unformatted, account);
      }
      case 'card': {
        const { card } = work;
        const { subject, answers } = card;
        const message = newMessage({ subject, kind: 'card', answers, cards: { kind: 'card', card } });
        return this.#sends.send({ deliveries: [], message, shown: null }, unformatted, account);
      }
      case 'redraw':
        return noteFresh(db, work.message);
      default:
        return work satisfies never;
    }
  }

  /**
   * Draws deliveries. One that repeats what the room has about its row is settled and left out. One that repeats a
   * message of these is left out until that one was sent, and so are those behind it.
   */
  async #drawNews(deliveries: readonly DueDelivery[]): Promise<readonly Drawn[]> {
    const { db, gate, clock } = this.#options;
    const drawn: Drawn[] = [];
    const held = new Set<string>();
    for (const each of deliveries) {
      if (held.has(each.subject)) continue;
      const one = await this.#draw(each);
      const before = drawn.map(({ delivery }) => delivery);
      const repeats = await repeatedBy(db, gate.room.id, one.delivery, before);
      if (repeats === null) drawn.push(one);
      else if (repeats.of === 'shown') await settleCancelled(db, each.id, repeats.reason, clock.now());
      else held.add(each.subject);
    }
    return drawn;
  }

  async #draw(delivery: DueDelivery): Promise<Drawn> {
    // First: a fact that is stored in between is then missing in the content alone, and the next update is sent.
    const content = await this.#composer.contentOf(delivery);
    const message = await this.#composer.drawDelivery(delivery);
    return { delivery: { ...delivery, content: message.failure === null ? content : null }, message };
  }

  /** Gives each delivery, drawn already, a message of its own. */
  async #sendEach(drawn: readonly Drawn[], account: Account): Promise<boolean> {
    const planned: Planned[] = [];
    for (const one of drawn) planned.push(await this.#single(one, account));
    if (planned.length === 0) return true;
    return this.#sends.sendEach(planned);
  }

  /** One delivery in a message of its own. */
  async #single({ delivery, message }: Drawn, account: Account): Promise<Planned> {
    const { clock, gate } = this.#options;
    const { subject, options } = delivery;
    const announced = await this.#composer.announcedBy(subject, options);
    const { pinged, mentions } = await mentionsOf(this.#options, gate.room, [delivery], clock.now());
    const formatted = await this.#composer.format(subject, message, mentions);
    const fresh = options.isCard
      ? newMessage({ subject, kind: 'card', pinged, cards: { kind: 'deliveries' }, announced })
      : newMessage({ subject, kind: 'single', pinged });
    const shown = options.isCard && message.failure === null ? hashOf([message.value]) : null;
    return this.#sends.planned({ deliveries: [delivery], message: fresh, shown }, formatted, account);
  }

  /** Sends messages as one. Returns false if they do not go together, or the platform has room for less than two. */
  async #sendTogether(drawable: readonly Drawable[], account: Account): Promise<boolean> {
    const { clock, gate } = this.#options;
    const [first] = drawable;
    if (first === undefined || drawable.length < 2) return false;
    const { subject } = first.delivery;
    const messages = drawable.map(({ message }) => message);
    const deliveries = drawable.map(({ delivery }) => delivery);
    const { pinged, mentions } = await mentionsOf(this.#options, gate.room, deliveries, clock.now());
    const together = await this.#composer.formatTogether(subject, messages, mentions);
    if (together === null) return false;
    const { carried, formatted } = together;
    const kept = drawable.slice(0, carried).map(({ delivery }) => delivery);
    const isOfCards = kept.some((delivery) => delivery.options.isCard);
    const cards = { kind: isOfCards ? 'deliveries' : 'none' } as const;
    const fresh = newMessage({ subject, kind: 'digest', pinged, cards });
    const shown = isOfCards ? hashOf(messages.slice(0, carried)) : null;
    await this.#sends.sendInOrder({ deliveries: kept, message: fresh, shown }, formatted, account);
    return true;
  }
}

/** Returns a delivery that was made into a message; nothing if it could not be made into one. */
function drawableOf({ delivery, message }: Drawn): Drawable[] {
  return message.failure === null ? [{ delivery, message: message.value }] : [];
}
