import type { Account, Mention } from '../adapters/adapter.ts';
import type { Message } from '../render/message.ts';
import { readOptions } from '../router/subscription-options.ts';
import type { EventObject } from '../words.ts';
import { type AttemptsOptions, createAttempts } from './attempts.ts';
import type { Card } from './cards/cards.ts';
import { createRedrawer } from './cards/redraw.ts';
import type { StaleMessage } from './cards/stale.ts';
import type { Digest } from './digest/new-digest.ts';
import type { Draw } from './draw.ts';
import { hashOf } from './hash-of.ts';
import { createMake, good, type Made } from './made.ts';
import { mentionsOf } from './mentions.ts';
import type { StoredSend, UnsentNotice } from './next-work.ts';
import type { DueDelivery } from './pick.ts';
import { type Planned, storeNoticePlan, storePlan, storeReactionPlan } from './plan.ts';

export interface SenderOptions extends AttemptsOptions {
  readonly draw: Draw;
}

/** What a send is made of beside its deliveries. */
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
  /** The same for a digest, whose content is made already; without deliveries it is drawn anew. */
  digest(digest: Digest, account: Account): Promise<void>;
  /** Gives a card without a delivery a message of its own. */
  card(card: Card, account: Account): Promise<void>;
  /** Draws a message of cards anew, or tells otherwise what is new about them. Sends nothing where it would look the same. */
  redraw(stale: StaleMessage, account: Account): Promise<void>;
  /** Makes the first attempt to send a notice that is stored. */
  notice(notice: UnsentNotice, account: Account): Promise<void>;
  /** Tries a stored send again, or looks in the room where its key does not protect any more. */
  repeat(send: StoredSend, account: Account): Promise<void>;
}

export function createSender(options: SenderOptions): Sender {
  const { db, gate, keeper, clock, log, safeguards } = options;
  const { adapter } = keeper;
  const name = gate.room.name;
  const attempts = createAttempts(options);
  const made = createMake(log, name);

  async function formatted(
    subject: string,
    { value: message, failure: unmade }: Made<Message>,
    mentions: readonly Mention[] = [],
  ): Promise<Parts> {
    const key = safeguards.mintKey();
    if (message === null) return { key, payload: '', failure: unmade };
    const { value, failure } = await made(subject, () => adapter.format(message, key, gate.address, mentions));
    return { key, payload: value ?? '', failure };
  }

  /** How a delivery looks: by itself, or as the card of its subject. */
  const drawn = ({ subject, event, template, options: chosen }: DueDelivery) =>
    readOptions(chosen).isCard
      ? options.draw.card({ subject, template }, gate.room)
      : options.draw.event(event, template, gate.room);

  /** What a card that is drawn from now on shows from the beginning, where answers tell of what is new. */
  async function toldBy(subject: string, chosen: EventObject): Promise<readonly string[]> {
    const { isCard, updates } = readOptions(chosen);
    if (!isCard || (updates !== 'reply' && updates !== 'thread')) return [];
    const { value } = await made(subject, () => options.draw.facts(subject), 'what its card shows may be told again');
    return (value ?? []).map(({ key }) => key);
  }

  /** Stores a send and makes its first attempt, unless it could not be formatted. */
  async function store(
    { deliveries, message, shown }: Pick<Planned, 'deliveries' | 'message' | 'shown'>,
    parts: Parts,
    account: Account,
  ) {
    const now = clock.now();
    const counting = deliveries.map((delivery) => {
      return { ...delivery, countedMs: attempts.counted(delivery.countedMs, delivery.lastAttemptAt ?? now) };
    });
    // One that waited long does not end those that came a moment ago.
    const countedMs = counting.length === 0 ? 0 : Math.min(...counting.map((delivery) => delivery.countedMs));
    const plan = { roomId: gate.room.id, account, ...parts, now, countedMs, deliveries: counting, message, shown };
    const send = await storePlan(db, plan);
    if (parts.failure === null) await attempts.make(send, deliveries.length);
  }

  /** One delivery in a message of its own. */
  async function single(
    delivery: DueDelivery,
    { message, told }: { readonly message: Made<Message>; readonly told: readonly string[] },
    account: Account,
  ): Promise<void> {
    const { subject } = delivery;
    const { pinged, mentions } = await mentionsOf(db, gate.room, [delivery], clock.now());
    const parts = await formatted(subject, message, mentions);
    const { isCard } = readOptions(delivery.options);
    const [kind, cards] = isCard ? (['card', 'deliveries'] as const) : (['single', 'none'] as const);
    const fresh = { subject, kind, wave: null, answers: null, pinged, cards, told };
    const shown = isCard && message.failure === null ? hashOf([message.value]) : null;
    await store({ deliveries: [delivery], message: { new: fresh }, shown }, parts, account);
  }

  const redrawer = createRedrawer({
    db,
    made,
    draw: options.draw,
    adapter,
    gate,
    clock,
    mintKey: safeguards.mintKey,
    store: (planned, parts, account) => store({ deliveries: [], ...planned }, parts, account),
    react: async (plan, account) => {
      const parts = { key: safeguards.mintKey(), failure: null, countedMs: 0, now: clock.now(), account };
      await attempts.make(await storeReactionPlan(db, { roomId: gate.room.id, ...parts, ...plan }), 0);
    },
  });

  return {
    async plan(deliveries, account) {
      const drawable: { readonly delivery: DueDelivery; readonly message: Message }[] = [];
      const [first] = deliveries;
      if (first === undefined) return;
      const told = await toldBy(first.subject, first.options);
      let firstMade: Made<Message> | null = null;
      for (const delivery of deliveries) {
        const message = await made(delivery.subject, () => drawn(delivery));
        firstMade ??= message;
        if (message.failure === null) drawable.push({ delivery, message: message.value });
      }
      // What cannot be rendered is a dead letter of its own; the others are picked again.
      if (firstMade === null) return;
      if (firstMade.failure !== null || drawable.length < 2)
        return single(first, { message: firstMade, told }, account);
      const { subject } = first;
      const key = safeguards.mintKey();
      const messages = drawable.map(({ message }) => message);
      const { pinged, mentions } = await mentionsOf(db, gate.room, deliveries, clock.now());
      const together = await made(subject, () => adapter.together(messages, key, gate.address, mentions));
      if (together.failure !== null || together.value.carried < 2)
        return single(first, { message: firstMade, told }, account);
      const { payload, carried } = together.value;
      const kept = drawable.slice(0, carried).map(({ delivery }) => delivery);
      const isOfCards = kept.some((delivery) => readOptions(delivery.options).isCard);
      const cards = isOfCards ? ('deliveries' as const) : ('none' as const);
      const fresh = { subject, kind: 'digest', wave: null, answers: null, pinged, cards, told: [] } as const;
      const shown = isOfCards ? hashOf(messages.slice(0, carried)) : null;
      await store({ deliveries: kept, message: { new: fresh }, shown }, { key, payload, failure: null }, account);
    },

    async digest({ deliveries, message, content }, account) {
      const { subject } = 'new' in message ? message.new : message.shown;
      await store({ deliveries, message, shown: hashOf([content]) }, await formatted(subject, good(content)), account);
    },

    async card(card, account) {
      const { subject, template, answers } = card;
      const told = await toldBy(subject, JSON.parse(card.options) as EventObject);
      const message = await made(subject, () => options.draw.card({ subject, template }, gate.room));
      const parts = await formatted(subject, message);
      const fresh = { subject, kind: 'card', wave: null, answers, pinged: null, cards: card, told } as const;
      const shown = message.failure === null ? hashOf([message.value]) : null;
      await store({ deliveries: [], message: { new: fresh }, shown }, parts, account);
    },

    redraw: redrawer.redraw,
    repeat: attempts.repeat,

    async notice(notice, account) {
      const parts = await formatted(notice.subject, good(notice.message));
      const now = clock.now();
      const send = await storeNoticePlan(db, { notice, roomId: gate.room.id, account, ...parts, now, countedMs: 0 });
      if (parts.failure === null) await attempts.make(send, 0);
    },
  };
}
