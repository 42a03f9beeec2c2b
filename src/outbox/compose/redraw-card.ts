import type { Account, Adapter, SendAction } from '../../adapters/adapter.ts';
import { writeNotice } from '../../notices/write-notice.ts';
import type { Message } from '../../render/message.ts';
import { messageOf, paragraph } from '../../render/say.ts';
import type { Database } from '../../store/tables.ts';
import { type Facts, takenBack } from '../../subjects/facts.ts';
import type { Clock } from '../../time/clock.ts';
import { type Card, cardsOf, continueCards } from '../rows/cards.ts';
import { reactionsOf } from '../rows/reactions.ts';
import { otherSlotsOf } from '../rows/slots.ts';
import { noteFresh, type StaleMessage } from '../rows/stale-messages.ts';
import type { Planned, PlannedReaction } from '../rows/store-send.ts';
import type { RoomGate } from '../send/room-gate.ts';
import type { Make } from './catch-bugs.ts';
import type { Draw } from './draw.ts';
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
  readonly made: Make;
  /** Stores an edit and makes its first attempt. */
  readonly store: (
    planned: Pick<Planned, 'message' | 'shown'>,
    parts: Pick<Planned, 'key' | 'payload' | 'failure'>,
    account: Account,
  ) => Promise<void>;
  /** The same for a reaction. */
  readonly react: (plan: Pick<PlannedReaction, 'message' | 'action' | 'payload'>, account: Account) => Promise<void>;
}

type Others = Awaited<ReturnType<typeof otherSlotsOf>>;

/** Brings messages of cards up to date, each in the way that its subscription wants. */
export interface Redrawer {
  redraw(stale: StaleMessage, account: Account): Promise<void>;
}

export function createRedrawer(options: RedrawerOptions): Redrawer {
  const { db, draw, adapter, gate, clock } = options;

  async function redraw(stale: StaleMessage, account: Account): Promise<void> {
    const cards = await cardsOf(db, stale.id);
    const [only] = cards;
    if (only === undefined) return noteFresh(db, stale);
    // Nobody can change what another account wrote, but anybody can answer it.
    if (stale.account !== account.id) return leaveToOthers(stale);
    const others = await otherSlotsOf(db, stale.id);
    const { updates } = only.options;
    // What shares its message with others is edited, whatever was asked for.
    if (cards.length > 1 || others.length > 0) return edit(stale, cards, others, account);
    switch (updates) {
      case 'edit':
        return edit(stale, cards, others, account);
      case 'reply':
      case 'thread':
        return tell(stale, only, { kind: updates, target: stale.platformId });
      case 'react':
        return react(stale, only, account);
      default:
        return updates satisfies never;
    }
  }

  async function leaveToOthers(stale: StaleMessage): Promise<void> {
    await db.transaction().execute(async (trx) => {
      await noteFresh(trx, stale);
      await continueCards(trx, stale, clock.now());
    });
  }

  async function edit(stale: StaleMessage, cards: readonly Card[], others: Others, account: Account): Promise<void> {
    const key = options.mintKey();
    const { value } = await options.made(
      stale.subject,
      async () => {
        const messages = await drawAll(cards, others);
        const shown = hashOf(messages);
        return { shown, payload: shown === stale.shown ? null : payloadOf(messages, stale, cards, key) };
      },
      'the message stays as it is',
    );
    if (value === null || value.payload === null) return noteFresh(db, stale);
    const { shown, payload } = value;
    await options.store(
      { message: { kind: 'shown', message: stale }, shown },
      { key, payload, failure: null },
      account,
    );
  }

  /** What stands in the slots of a message, in their order. */
  async function drawAll(cards: readonly Card[], others: Others): Promise<readonly Message[]> {
    const drawn = cards.map(async (card) => ({ slot: card.slot ?? 0, message: await draw.card(card, gate.room) }));
    const bySlot = [
      ...(await Promise.all(drawn)),
      ...others.map(({ slot, event, template }) => ({ slot, message: draw.event(event, template, gate.room) })),
    ];
    return bySlot.sort((a, b) => a.slot - b.slot).map(({ message }) => message);
  }

  function payloadOf(messages: readonly Message[], stale: StaleMessage, cards: readonly Card[], key: string): string {
    const mentions = mentionedIn(stale, cards, gate.room, options.platforms);
    const [first] = messages;
    return messages.length === 1 && first !== undefined
      ? adapter.format(first, key, gate.address, mentions)
      : fitTogether(messages, (some) => adapter.together(some, key, gate.address, mentions));
  }

  /** What is new is a message that answers the card, in the room or in a thread; written down at once, and sent like any notice. */
  async function tell(
    stale: StaleMessage,
    card: Card,
    answers: SendAction & { readonly kind: 'reply' | 'thread' },
  ): Promise<void> {
    const told = new Set((JSON.parse(card.told) as readonly unknown[]).filter((key) => typeof key === 'string'));
    const facts = await draw.facts(card.subject);
    const lines = news(facts, told);
    await db.transaction().execute(async (trx) => {
      await noteFresh(trx, stale);
      await trx
        .updateTable('cards')
        .set({ told: JSON.stringify(toldNow(facts, told)) })
        .where('room_id', '=', card.room_id)
        .where('subject', '=', card.subject)
        .execute();
      if (lines.length === 0) return;
      const message = messageOf(lines.map((line) => paragraph(line)));
      await writeNotice(trx, { roomId: card.room_id, subject: card.subject, message, answers, now: clock.now() });
    });
  }

  /** One reaction at a time, until those that are there are those that should be. */
  async function react(stale: StaleMessage, card: Card, account: Account): Promise<void> {
    const wanted = new Set((await draw.facts(card.subject)).list.flatMap(({ emoji }) => emoji ?? []));
    const there = reactionsOf(card.told);
    const more = [...wanted].find((emoji) => there.every((one) => one.emoji !== emoji));
    if (more !== undefined) {
      const action = { kind: 'react', target: stale.platformId } as const;
      return options.react({ message: stale, action, payload: more }, account);
    }
    const less = there.find(({ emoji, id }) => !wanted.has(emoji) && id !== '');
    if (less === undefined) return noteFresh(db, stale);
    await options.react({ message: stale, action: { kind: 'redact', target: less.id }, payload: less.emoji }, account);
  }

  return { redraw };
}

/** So many keys of what was told are kept of a subject of which more is so than is listed. */
const MOST_TOLD = 2_000;

/** The facts that hold and were not told, and those that were told and do not hold any more, as far as the listed ones show. */
function news({ list, isWhole }: Facts, told: ReadonlySet<string>): readonly string[] {
  const now = new Set(list.map(({ key }) => key));
  return [
    ...list.filter(({ key, text }) => text !== '' && !told.has(key)).map(({ text }) => text),
    ...(isWhole ? [...told].filter((key) => !now.has(key)).flatMap((key) => takenBack(key) ?? []) : []),
  ];
}

/** The keys of what was told by now: what is not listed any more is not told again if it is listed later. */
function toldNow({ list, isWhole }: Facts, told: ReadonlySet<string>): readonly string[] {
  const now = list.map(({ key }) => key);
  return isWhole ? now : [...new Set([...told, ...now])].slice(-MOST_TOLD);
}
