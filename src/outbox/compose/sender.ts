import type { Account } from '../../adapters/adapter.ts';
import type { Message } from '../../render/message.ts';
import type { SubscriptionOptions } from '../../router/subscription-options.ts';
import type { EventCache } from '../../store/event-cache.ts';
import type { Mention } from '../../words.ts';
import type { Card } from '../rows/cards.ts';
import type { UnsentNotice } from '../rows/next-work.ts';
import type { DueDelivery } from '../rows/pick.ts';
import type { StoredSend } from '../rows/send-row.ts';
import { noteFresh, type StaleMessage } from '../rows/stale-messages.ts';
import { newMessage, type Planned, storeNoticePlan, storePlan, storeReactionPlan } from '../rows/store-send.ts';
import { storePlans } from '../rows/store-singles.ts';
import { type AttemptsOptions, createAttempts } from '../send/attempts.ts';
import { createGuard, ok, type Result } from './catch-bugs.ts';
import type { Draw } from './draw.ts';
import { hashOf } from './hash-of.ts';
import { type MentionParts, mentionsOf } from './mentions.ts';
import { createRedrawer } from './redraw-card.ts';

export interface SenderOptions extends AttemptsOptions {
  readonly draw: Draw;
  readonly events: EventCache;
  /** Every platform whose people a subscription may mention. */
  readonly platforms: MentionParts['platforms'];
}

/** A digest that is to be sent, or to take the place of one that the room shows. */
export interface Digest extends Pick<Planned, 'deliveries' | 'message'> {
  /** The whole message as it is to be. */
  readonly content: Message;
}

/** The parts of a send beside its deliveries. */
type Parts = Pick<Planned, 'key' | 'payload' | 'failure'>;

/**
 * Makes sends and settles them.
 *
 *     waiting ──plan──▶ planned + pending send ──sent──▶ sent
 *        ▲                    │        │ ▲
 *        │                    │        └─┘ unknown: the same bytes again, its subject waits
 *        └──── certainly not accepted: planned anew after the wait
 *                             └── rejected, or 24 h without an answer ──▶ dead
 *
 * What was rejected with several deliveries is split, and each planned alone.
 */
export interface Sender {
  /** Turns deliveries into one message, as many as it has room for, stores it and its send, and makes the first attempt. */
  plan(deliveries: readonly DueDelivery[], account: Account): Promise<void>;
  /** Gives each delivery a message of its own: all are stored together, and sent one after the other. Gives whether all were sent. */
  each(deliveries: readonly DueDelivery[], account: Account): Promise<boolean>;
  /** The same for a digest, whose content is made already; without deliveries it is drawn anew. */
  digest(digest: Digest, account: Account): Promise<void>;
  /** Gives a card without a delivery a message of its own. */
  card(card: Card, account: Account): Promise<void>;
  /** Draws a message of cards anew, or tells otherwise what is new about them. Sends nothing if it would look the same. */
  redraw(stale: StaleMessage, account: Account): Promise<void>;
  /** Makes the first attempt to send a notice that is stored. */
  notice(notice: UnsentNotice, account: Account): Promise<void>;
  /** Tries a stored send again, or looks in the room if its key does not protect any more. */
  repeat(send: StoredSend, account: Account): Promise<void>;
  /** Makes a dead letter of what our own code fails on. */
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

/** Makes the sender of one room. */
export function createSender(options: SenderOptions): Sender {
  const { db, writer, gate, keeper, clock, log, safeguards, events } = options;
  const { adapter } = keeper;
  const name = gate.room.name;
  const attempts = createAttempts(options);
  const guard = createGuard(log, name);

  async function formatted(
    subject: string,
    { value: message, failure: unmade }: Result<Message>,
    mentions: readonly Mention[] = [],
  ): Promise<Parts> {
    const key = safeguards.mintKey();
    if (message === null) return { key, payload: '', failure: unmade };
    const { value, failure } = await guard(subject, () => adapter.format(message, key, gate.address, mentions));
    return { key, payload: value ?? '', failure };
  }

  /** How a delivery looks: by itself, or as the card of its subject. */
  const drawn = async ({ subject, eventId, template, options: { isCard } }: DueDelivery) =>
    isCard
      ? (await options.draw.card({ subject, template }, gate.room)).message
      : options.draw.event(await events.get(eventId), template, gate.room);

  /** Keys of the facts that a card drawn from now on shows from the beginning, if answers announce the others. */
  async function announcedBy(subject: string, { isCard, updates }: SubscriptionOptions): Promise<readonly string[]> {
    if (!isCard || (updates !== 'reply' && updates !== 'thread')) return [];
    const { value } = await guard(
      subject,
      () => options.draw.facts(subject),
      'what its card shows may be announced again',
    );
    return (value?.list ?? []).map(({ key }) => key);
  }

  function plannedOf(
    { deliveries, message, shown }: Pick<Planned, 'deliveries' | 'message' | 'shown'>,
    parts: Parts,
    account: Account,
  ): Planned {
    const now = clock.now();
    const counting = deliveries.map((delivery) => {
      return { ...delivery, countedMs: attempts.counted(delivery.countedMs, delivery.lastAttemptAt ?? now) };
    });
    // One that waited long does not end those that came a moment ago.
    const countedMs = counting.length === 0 ? 0 : Math.min(...counting.map((delivery) => delivery.countedMs));
    return { roomId: gate.room.id, account, ...parts, now, countedMs, deliveries: counting, message, shown };
  }

  /** Stores a send and makes its first attempt, unless it could not be formatted. */
  async function store(
    what: Pick<Planned, 'deliveries' | 'message' | 'shown'>,
    parts: Parts,
    account: Account,
  ): Promise<void> {
    const planned = plannedOf(what, parts, account);
    const send = await writer.write((trx) => storePlan(trx, planned));
    if (parts.failure === null) await attempts.make(send, what.deliveries.length);
  }

  /** One delivery in a message of its own. */
  async function single(
    delivery: DueDelivery,
    { message, announced }: { readonly message: Result<Message>; readonly announced: readonly string[] },
    account: Account,
  ): Promise<Planned> {
    const { subject, options: chosen } = delivery;
    const { pinged, mentions } = await mentionsOf(options, gate.room, [delivery], clock.now());
    const parts = await formatted(subject, message, mentions);
    const fresh = chosen.isCard
      ? newMessage({ subject, kind: 'card', pinged, cards: { kind: 'deliveries' }, announced })
      : newMessage({ subject, kind: 'single', pinged });
    const shown = chosen.isCard && message.failure === null ? hashOf([message.value]) : null;
    return plannedOf({ deliveries: [delivery], message: fresh, shown }, parts, account);
  }

  const redrawer = createRedrawer({
    db,
    guard,
    draw: options.draw,
    adapter,
    gate,
    clock,
    mintKey: safeguards.mintKey,
    platforms: options.platforms,
    store: (planned, parts, account) => store({ deliveries: [], ...planned }, parts, account),
    react: async (plan, account) => {
      const parts = { key: safeguards.mintKey(), failure: null, countedMs: 0, now: clock.now(), account };
      const planned = { roomId: gate.room.id, ...parts, ...plan };
      await attempts.make(await writer.write((trx) => storeReactionPlan(trx, planned)), 0);
    },
  });

  const draw = (delivery: DueDelivery) => guard(delivery.subject, () => drawn(delivery));

  /** Gives each delivery, drawn already, a message of its own. */
  async function eachDrawn(drawn: readonly Drawn[], account: Account): Promise<boolean> {
    const planned: Planned[] = [];
    for (const { delivery, message } of drawn) {
      const announced = await announcedBy(delivery.subject, delivery.options);
      planned.push(await single(delivery, { message, announced }, account));
    }
    const sends = await writer.write((trx) => storePlans(trx, planned));
    // A delivery that could not be made into a message is a dead letter by now.
    return attempts.makeAll(sends.filter(({ state }) => state === 'pending').map((send) => ({ send, deliveries: 1 })));
  }

  async function storeNotice(notice: UnsentNotice, parts: Parts, account: Account): Promise<StoredSend> {
    const plan = { notice, roomId: gate.room.id, account, ...parts, now: clock.now(), countedMs: 0 };
    return writer.write((trx) => storeNoticePlan(trx, plan));
  }

  return {
    async each(deliveries, account) {
      const drawn: Drawn[] = [];
      for (const delivery of deliveries) drawn.push({ delivery, message: await draw(delivery) });
      return eachDrawn(drawn, account);
    },

    async plan(deliveries, account) {
      const [first] = deliveries;
      if (first === undefined) return;
      const firstDrawn = { delivery: first, message: await draw(first) };
      const drawable: { readonly delivery: DueDelivery; readonly message: Message }[] = [];
      const { message } = firstDrawn;
      if (message.failure === null) drawable.push({ delivery: first, message: message.value });
      for (const delivery of deliveries.slice(1)) {
        const next = await draw(delivery);
        // A delivery that cannot be rendered is a dead letter of its own; the others are picked again.
        if (next.failure === null) drawable.push({ delivery, message: next.value });
      }
      const alone = async () => void (await eachDrawn([firstDrawn], account));
      if (message.failure !== null || drawable.length < 2) return alone();
      const { subject } = first;
      const key = safeguards.mintKey();
      const messages = drawable.map(({ message }) => message);
      const { pinged, mentions } = await mentionsOf(options, gate.room, deliveries, clock.now());
      const together = await guard(subject, () => adapter.together(messages, key, gate.address, mentions));
      if (together.failure !== null || together.value.carried < 2) return alone();
      const { payload, carried } = together.value;
      const kept = drawable.slice(0, carried).map(({ delivery }) => delivery);
      const isOfCards = kept.some((delivery) => delivery.options.isCard);
      const cards = { kind: isOfCards ? 'deliveries' : 'none' } as const;
      const fresh = newMessage({ subject, kind: 'digest', pinged, cards });
      const shown = isOfCards ? hashOf(messages.slice(0, carried)) : null;
      await store({ deliveries: kept, message: fresh, shown }, { key, payload, failure: null }, account);
    },

    async digest({ deliveries, message, content }, account) {
      const { subject } = message.message;
      await store({ deliveries, message, shown: hashOf([content]) }, await formatted(subject, ok(content)), account);
    },

    async card(card, account) {
      const { subject, template, answers } = card;
      const announced = await announcedBy(subject, card.options);
      const message = await guard(
        subject,
        async () => (await options.draw.card({ subject, template }, gate.room)).message,
      );
      const parts = await formatted(subject, message);
      const fresh = newMessage({ subject, kind: 'card', answers, cards: { kind: 'card', card }, announced });
      const shown = message.failure === null ? hashOf([message.value]) : null;
      await store({ deliveries: [], message: fresh, shown }, parts, account);
    },

    redraw: redrawer.redraw,
    repeat: attempts.repeat,

    async notice(notice, account) {
      const parts = await formatted(notice.subject, ok(notice.message));
      const send = await storeNotice(notice, parts, account);
      if (parts.failure === null) await attempts.make(send, 0);
    },

    async giveUp(work, failure, account) {
      const parts = { key: safeguards.mintKey(), payload: '', failure };
      switch (work.kind) {
        case 'repeat':
          return attempts.giveUp(work.send, failure);
        case 'notice':
          await storeNotice(work.notice, parts, account);
          return;
        case 'delivery': {
          const message = newMessage({ subject: work.delivery.subject, kind: 'single' });
          return store({ deliveries: [work.delivery], message, shown: null }, parts, account);
        }
        case 'card': {
          const { card } = work;
          const { subject, answers } = card;
          const message = newMessage({ subject, kind: 'card', answers, cards: { kind: 'card', card } });
          return store({ deliveries: [], message, shown: null }, parts, account);
        }
        case 'redraw':
          return noteFresh(db, work.message);
        default:
          return work satisfies never;
      }
    },
  };
}
