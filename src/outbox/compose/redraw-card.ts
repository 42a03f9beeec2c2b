import type { Account, Adapter, SendAction } from '../../adapters/adapter.ts';
import { writeNotice } from '../../notices/write-notice.ts';
import { messageOf, paragraph } from '../../render/say.ts';
import type { Database } from '../../store/tables.ts';
import { type Facts, takenBack } from '../../subjects/facts.ts';
import type { Clock } from '../../time/clock.ts';
import { type Card, cardsOf, continueCards } from '../rows/cards.ts';
import { otherSlotsOf } from '../rows/slots.ts';
import { noteFresh, putOff, type StaleMessage } from '../rows/stale-messages.ts';
import type { Planned, PlannedReaction } from '../rows/store-send.ts';
import type { RoomGate } from '../send/room-gate.ts';
import type { Guard } from './catch-bugs.ts';
import type { CardMessage, Draw } from './draw.ts';
import { fitTogether } from './fit-together.ts';
import { hashOf } from './hash-of.ts';
import { type MentionParts, mentionedIn } from './mentions.ts';

export interface RedrawerOptions {
  readonly db: Database;
  readonly draw: Draw;
  readonly adapter: Adapter;
  readonly gate: RoomGate;
  readonly clock: Clock;
  readonly mintKey: () => string;
  readonly platforms: MentionParts['platforms'];
  readonly guard: Guard;
  /** Stores an edit and makes its first attempt. */
  readonly store: (
    planned: Pick<Planned, 'message' | 'shown'> & { readonly isAlone: boolean },
    parts: Pick<Planned, 'key' | 'payload' | 'failure'>,
    account: Account,
  ) => Promise<void>;
  /** Lets the room draw nothing anew for a time. */
  readonly redrawLater: (waitMs: number) => void;
  /** The same as `store` for a reaction. */
  readonly react: (plan: Pick<PlannedReaction, 'message' | 'action' | 'payload'>, account: Account) => Promise<void>;
}

type Others = Awaited<ReturnType<typeof otherSlotsOf>>;

/** Brings messages of cards up to date, each in the way that its subscription wants. */
export interface Redrawer {
  redraw(stale: StaleMessage, account: Account): Promise<void>;
}

export function createRedrawer(options: RedrawerOptions): Redrawer {
  return new CardRedrawer(options);
}

class CardRedrawer implements Redrawer {
  readonly #options: RedrawerOptions;

  constructor(options: RedrawerOptions) {
    this.#options = options;
  }

  async redraw(stale: StaleMessage, account: Account): Promise<void> {
    const { db } = this.#options;
    const cards = await cardsOf(db, stale.id);
    const [only] = cards;
    if (only === undefined) return noteFresh(db, stale);
    // A message can be changed by the account that wrote it alone, but answered by any.
    if (stale.account !== account.id) return this.#leaveToOthers(stale);
    const others = await otherSlotsOf(db, stale.id);
    const { updates } = only.options;
    // A card that shares its message is edited, whatever its subscription wants.
    if (cards.length > 1 || others.length > 0) return this.#edit(stale, cards, others, account);
    switch (updates) {
      case 'edit':
        return this.#edit(stale, cards, others, account);
      case 'reply':
      case 'thread':
        return this.#announce(stale, only, { kind: updates, target: stale.platformId });
      case 'react':
        return this.#react(stale, only, account);
      default:
        return updates satisfies never;
    }
  }

  async #leaveToOthers(stale: StaleMessage): Promise<void> {
    const { db, clock } = this.#options;
    await db.transaction().execute(async (trx) => {
      await noteFresh(trx, stale);
      await continueCards(trx, stale, clock.now());
    });
  }

  async #edit(stale: StaleMessage, cards: readonly Card[], others: Others, account: Account): Promise<void> {
    const { db, gate, guard, mintKey, redrawLater, store } = this.#options;
    const waitMs = gate.changeWaitMs('edit');
    if (waitMs > 0) return redrawLater(waitMs);
    const key = mintKey();
    const draw = async () => {
      const slots = await this.#drawAll(cards, others);
      const shown = hashOf(slots.map(({ message }) => message));
      return { shown, payload: shown === stale.shown ? null : this.#payload(slots, stale, cards, key) };
    };
    const { value } = await guard(stale.subject, draw, 'the message stays as it is');
    if (value === null || value.payload === null) return noteFresh(db, stale);
    const { shown, payload } = value;
    const isAlone = cards.length + others.length === 1;
    await store(
      { message: { kind: 'shown', message: stale }, shown, isAlone },
      { key, payload, failure: null },
      account,
    );
  }

  /** Puts off a message while its room takes no reactions, or no ends of reactions. */
  async #mustWait(kind: 'react' | 'redact', stale: StaleMessage): Promise<boolean> {
    const { db, gate, clock } = this.#options;
    const waitMs = gate.changeWaitMs(kind);
    if (waitMs > 0) await putOff(db, stale.id, clock.now() + Math.ceil(waitMs));
    return waitMs > 0;
  }

  /** The slots of a message, in their order. */
  async #drawAll(cards: readonly Card[], others: Others): Promise<readonly CardMessage[]> {
    const { draw, gate } = this.#options;
    const drawn = cards.map(async (card) => ({ slot: card.slot ?? 0, ...(await draw.card(card, gate.room)) }));
    const bySlot = await Promise.all([
      ...drawn,
      ...others.map(async ({ slot, event, template }) => {
        return { slot, message: await draw.event(event, template, gate.room), isOver: false };
      }),
    ]);
    return bySlot.sort((a, b) => a.slot - b.slot).map(({ message, isOver }) => ({ message, isOver }));
  }

  #payload(slots: readonly CardMessage[], stale: StaleMessage, cards: readonly Card[], key: string): string {
    const { adapter, gate, platforms } = this.#options;
    const mentions = mentionedIn(stale, cards, gate.room, platforms);
    const [first] = slots;
    return slots.length === 1 && first !== undefined
      ? adapter.format(first.message, key, gate.address, mentions)
      : fitTogether(slots, (messages) => adapter.together(messages, key, gate.address, mentions));
  }

  /** Announces new facts in a message that answers the card, in the room or in a thread; it is stored at once and sent like any notice. */
  async #announce(
    stale: StaleMessage,
    card: Card,
    answers: SendAction & { readonly kind: 'reply' | 'thread' },
  ): Promise<void> {
    const { db, draw, clock } = this.#options;
    const announced = new Set(card.announced);
    const facts = await draw.facts(card.subject);
    const lines = news(facts, announced);
    await db.transaction().execute(async (trx) => {
      await noteFresh(trx, stale);
      await trx
        .updateTable('cards')
        .set({ announced: JSON.stringify(announcedNow(facts, announced)) })
        .where('room_id', '=', card.room_id)
        .where('subject', '=', card.subject)
        .execute();
      if (lines.length === 0) return;
      const message = messageOf(lines.map((line) => paragraph(line)));
      await writeNotice(trx, { roomId: card.room_id, subject: card.subject, message, answers, now: clock.now() });
    });
  }

  /** Adds or removes one reaction at a time, until those on the message are those that should be there. */
  async #react(stale: StaleMessage, card: Card, account: Account): Promise<void> {
    const { db, draw, react } = this.#options;
    const wanted = new Set((await draw.facts(card.subject)).list.flatMap(({ emoji }) => emoji ?? []));
    const there = card.reactions;
    const more = [...wanted].find((emoji) => there.every((one) => one.emoji !== emoji));
    if (more !== undefined) {
      if (await this.#mustWait('react', stale)) return;
      const action = { kind: 'react', target: stale.platformId } as const;
      return react({ message: stale, action, payload: more }, account);
    }
    const less = there.find(({ emoji, id }) => !wanted.has(emoji) && id !== '');
    if (less === undefined) return noteFresh(db, stale);
    if (await this.#mustWait('redact', stale)) return;
    await react({ message: stale, action: { kind: 'redact', target: less.id }, payload: less.emoji }, account);
  }
}

/** Most keys of announced facts that are kept of a subject with more facts than are listed. */
const MOST_ANNOUNCED = 2_000;

/** Facts that hold and were not announced, and those that were announced and do not hold any more, as far as the list shows it. */
function news({ list, isWhole }: Facts, announced: ReadonlySet<string>): readonly string[] {
  const now = new Set(list.map(({ key }) => key));
  return [
    ...list.filter(({ key, text }) => text !== '' && !announced.has(key)).map(({ text }) => text),
    ...(isWhole ? [...announced].filter((key) => !now.has(key)).flatMap((key) => takenBack(key) ?? []) : []),
  ];
}

/** Keys of the facts announced by now. A fact that is not listed any more is not announced again if it is listed later. */
function announcedNow({ list, isWhole }: Facts, announced: ReadonlySet<string>): readonly string[] {
  const now = list.map(({ key }) => key);
  return isWhole ? now : [...new Set([...announced, ...now])].slice(-MOST_ANNOUNCED);
}
