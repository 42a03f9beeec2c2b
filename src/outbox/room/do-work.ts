import type { Account } from '../../adapters/adapter.ts';
import type { Waves } from '../../config/config.ts';
import type { Log } from '../../log.ts';
import type { EventCache } from '../../store/event-cache.ts';
import type { Database } from '../../store/tables.ts';
import { troubleOf } from '../../store/trouble.ts';
import type { Clock } from '../../time/clock.ts';
import type { Event } from '../../words.ts';
import { mostOfGap, tellOfGap } from '../compose/gap-digest.ts';
import { hashOf } from '../compose/hash-of.ts';
import type { FailedWork, Sender } from '../compose/sender.ts';
import { createRoomWaves, mostAtOnce } from '../compose/waves.ts';
import { joinCard } from '../rows/cards.ts';
import { isBehind } from '../rows/is-behind.ts';
import { createPicker, type DueDelivery, type Picker } from '../rows/pick.ts';
import { settleCancelled, settleMuted } from '../rows/settle.ts';
import { noteFresh, type StaleMessage } from '../rows/stale-messages.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import type { AccountKeeper } from '../send/account.ts';
import type { RoomGate } from '../send/room-gate.ts';
import type { DueWork } from './next-step.ts';
import { createPace } from './pace.ts';
import { createStrikes } from './strikes.ts';

export interface RoomWorkOptions {
  readonly db: Database;
  readonly events: EventCache;
  readonly gate: RoomGate;
  readonly keeper: AccountKeeper;
  readonly sender: Sender;
  readonly safeguards: SendSafeguards;
  /** How a room is told when more comes than it takes; null: one message an event. */
  readonly waves: Waves | null;
  /** The time before which all that came is stored, Unix milliseconds; Infinity: nothing waits to be stored. */
  readonly storedUntil: () => number;
  /** The id of the mute that stops an event in a room now; null: none. */
  readonly mutedBy: (roomId: number, event: () => Promise<Event>, now: number) => Promise<string | null>;
  /** Why a delivery that was held needs no message any more; null: it does. */
  readonly cancelReason: (delivery: DueDelivery, event: () => Promise<Event>) => Promise<string | null>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Does what is next in a room: decides which deliveries share a message, and which need none. */
export interface RoomWork {
  /** Does a piece of work. Throws if the store or our own code fails; what our own code fails on again and again becomes a dead letter. */
  do(work: DueWork, account: Account): Promise<void>;
  /** Looks whether a wave is over while nothing else is due; true if it just ended, so that its cards may be due. */
  endsWave(account: Account): Promise<boolean>;
  /** True if a wave is on, or that is not known. */
  readonly mayHaveWave: boolean;
}

/** Makes the work of one room. */
export function createRoomWork(options: RoomWorkOptions): RoomWork {
  const { db, events, gate, keeper, sender, clock, log } = options;
  const pace = createPace(keeper.adapter.idempotentForMs > 0);
  const strikes = createStrikes();
  /** So many deliveries are planned one by one, since our own code failed on some of them together. */
  let apart = 0;
  const waves =
    options.waves === null
      ? null
      : createRoomWaves({
          db,
          roomId: () => gate.room.id,
          roomName: gate.room.name,
          waves: options.waves,
          digestUnits: () => keeper.adapter.bodyUnits(gate.address),
          canGrow: keeper.adapter.canEdit,
          clock,
          log,
        });

  async function doWork(work: DueWork, account: Account): Promise<void> {
    switch (work.kind) {
      case 'plan':
        return plan(account);
      case 'repeat':
        return guarded({ kind: 'repeat', send: work.send }, account, () => sender.repeat(work.send, account));
      case 'notice':
        return guarded({ kind: 'notice', notice: work.notice }, account, () => sender.notice(work.notice, account));
      case 'card':
        return guarded({ kind: 'card', card: work.card }, account, () => sender.card(work.card, account));
      case 'redraw':
        return guarded({ kind: 'redraw', message: work.message }, account, () => redraw(work.message, account));
      default:
        work satisfies never;
    }
  }

  /** Runs a piece of work; the third equal failure of our own code on it makes it a dead letter. */
  async function guarded(work: FailedWork, account: Account, run: () => Promise<void>): Promise<void> {
    try {
      await run();
      strikes.clear(nameOf(work));
    } catch (err) {
      const failure = strikes.note(nameOf(work), err);
      if (failure === null) throw err;
      log.error(
        { room: gate.room.name, err },
        `room ${gate.room.name}: ${nameOf(work)} failed three times and is given up`,
      );
      await sender.giveUp(work, failure, account);
      strikes.clear(nameOf(work));
    }
  }

  async function redraw(stale: StaleMessage, account: Account): Promise<void> {
    if (!stale.isWave || waves === null) return sender.redraw(stale, account);
    if (!keeper.adapter.canEdit) return noteFresh(db, stale);
    const digest = await waves.redraw(stale);
    return hashOf([digest.content]) === stale.shown ? noteFresh(db, stale) : sender.digest(digest, account);
  }

  /** Sends what is due: in a wave, after a gap, and if the room is behind, several deliveries share a message. */
  async function plan(account: Account): Promise<void> {
    const readyBy = Math.min(clock.now(), options.storedUntil());
    const picker = createPicker(db, gate.room.id, readyBy, options.safeguards.inOrder, pace.size);
    const first = await picker.next();
    if (first === null) {
      // Without a wait the room would look for ever.
      if (picker.held === 0) throw new Error('deliveries are ready, and none of them can be picked');
      return;
    }
    const work = { kind: 'delivery', delivery: first } as const;
    const gathered: DueDelivery[] = [];
    return guarded(work, account, async () => {
      try {
        if (first.failure !== null) throw first.failure;
        await planWith(picker, first, gathered, account);
        apart = Math.max(0, apart - 1);
      } catch (err) {
        if (gathered.length > 1) apart = gathered.length;
        throw err;
      }
    });
  }

  async function planWith(
    picker: Picker,
    first: DueDelivery,
    gathered: DueDelivery[],
    account: Account,
  ): Promise<void> {
    const gather = (most: number, fits?: (delivery: DueDelivery) => boolean) =>
      gatherInto(gathered, picker, first, most, fits);
    if (waves === null || first.isAlone || apart > 0) {
      await gather(first.isAlone || apart > 0 ? 1 : pace.size, isOneMessage);
      return each(gathered, account);
    }
    if (first.catchUp !== null) {
      const { catchUp } = first;
      await gather(mostOfGap, (delivery) => delivery.catchUp === catchUp);
      const units = keeper.adapter.bodyUnits(gate.address);
      const digest = await tellOfGap(db, gathered, { units, lastedMs: clock.now() - catchUp, clock });
      return digest === null ? undefined : sender.digest(digest, account);
    }
    if (await waves.isOn(account)) {
      await gather(mostAtOnce);
      if (gathered.length > 0) await sender.digest(await waves.grow(gathered, account), account);
      return;
    }
    if (await isBehind(db, gate.room.id, clock.now())) {
      await gather(keeper.adapter.togetherAtMost);
      return sender.plan(gathered, account);
    }
    await gather(pace.size, isOneMessage);
    return each(gathered, account);
  }

  async function each(deliveries: readonly DueDelivery[], account: Account): Promise<void> {
    if (deliveries.length === 0) return;
    const startedAt = clock.monotonic();
    const allSent = await sender.each(deliveries, account);
    pace.note({ count: deliveries.length, tookMs: clock.monotonic() - startedAt, allSent });
  }

  /** Gathers the first delivery and up to `most` that fit, without those that need no message. */
  async function gatherInto(
    gathered: DueDelivery[],
    picker: Picker,
    first: DueDelivery,
    most: number,
    fits = (delivery: DueDelivery) => delivery.catchUp === null,
  ): Promise<void> {
    for (let next: DueDelivery | null = first; next !== null; next = await picker.next()) {
      if (next === first) {
        if (await needsMessage(next)) gathered.push(next);
      } else if (mayJoin(next, gathered, fits)) await joinOrSkip(next, gathered, picker);
      else picker.skipSubject(next);
      if (gathered.length >= most) break;
    }
  }

  /** A delivery that our own code fails on fails alone, when it is the first. */
  async function joinOrSkip(next: DueDelivery, gathered: DueDelivery[], picker: Picker): Promise<void> {
    try {
      if (await needsMessage(next)) gathered.push(next);
    } catch (err) {
      if (troubleOf(err) !== null) throw err;
      picker.skipSubject(next);
    }
  }

  /** False if a mute stops a delivery now, its hold ends without a message, or a card shows it: it is then settled. */
  async function needsMessage(delivery: DueDelivery): Promise<boolean> {
    const { id, eventId } = delivery;
    const event = () => events.get(eventId);
    const mute = await options.mutedBy(gate.room.id, event, clock.now());
    if (mute !== null && (await settleMuted(db, id, mute, clock.now()))) return false;
    if (await joinCard(db, gate.room.id, delivery, clock.now())) return false;
    const cancelReason = await options.cancelReason(delivery, event);
    if (cancelReason !== null) await settleCancelled(db, id, cancelReason, clock.now());
    return cancelReason === null;
  }

  return {
    do: doWork,
    async endsWave(account) {
      if (waves === null || waves.isKnownToBeOff) return false;
      return !(await waves.isOn(account));
    },
    get mayHaveWave() {
      return waves !== null && !waves.isKnownToBeOff;
    },
  };
}

/** Deliveries that get a message each: a ping looks at the pings before it, so it is the first of them or comes later. */
const isOneMessage = ({ catchUp, options }: DueDelivery): boolean => catchUp === null && options.mention.length === 0;

function mayJoin(
  next: DueDelivery,
  gathered: readonly DueDelivery[],
  fits: (delivery: DueDelivery) => boolean,
): boolean {
  if (next.failure !== null || next.isAlone || !fits(next)) return false;
  // A card is gathered already for the subject of another one: that joins it afterwards.
  return !(next.options.isCard && gathered.some((one) => one.subject === next.subject));
}

function nameOf(work: FailedWork): string {
  switch (work.kind) {
    case 'repeat':
      return `send s${work.send.id}`;
    case 'notice':
      return `the notice of message ${work.notice.messageId}`;
    case 'delivery':
      return `delivery ${work.delivery.id} (${work.delivery.subject})`;
    case 'card':
      return `the card of ${work.card.subject}`;
    case 'redraw':
      return `message ${work.message.id}, which is to be drawn anew,`;
    default:
      return work satisfies never;
  }
}
