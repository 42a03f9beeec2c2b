import type { Account } from '../../adapters/adapter.ts';
import type { Waves } from '../../config/config.ts';
import type { Log } from '../../log.ts';
import type { EventCache } from '../../store/event-cache.ts';
import type { Database } from '../../store/tables.ts';
import { troubleOf } from '../../store/trouble.ts';
import type { Clock } from '../../time/clock.ts';
import type { Event } from '../../words.ts';
import { digestOfGap, mostOfGap } from '../compose/gap-digest.ts';
import { hashOf } from '../compose/hash-of.ts';
import type { FailedWork, Sender } from '../compose/sender.ts';
import { createRoomWaves, mostAtOnce, type RoomWaves } from '../compose/waves.ts';
import { joinCard } from '../rows/cards.ts';
import { isBehind } from '../rows/is-behind.ts';
import { createPicker, type DueDelivery, type Picker } from '../rows/pick.ts';
import { settleCancelled, settleMuted } from '../rows/settle.ts';
import { noteFresh, type StaleMessage } from '../rows/stale-messages.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import type { AccountKeeper } from '../send/account.ts';
import type { RoomGate } from '../send/room-gate.ts';
import type { DueWork } from './next-step.ts';
import { createPace, type Pace } from './pace.ts';
import { createStrikes } from './strikes.ts';

export interface RoomWorkOptions {
  readonly db: Database;
  readonly events: EventCache;
  readonly gate: RoomGate;
  readonly keeper: AccountKeeper;
  readonly sender: Sender;
  readonly safeguards: SendSafeguards;
  /** The waves of the room, for when more comes than it takes; null: one message an event. */
  readonly waves: Waves | null;
  /** Returns the time before which everything that came is stored, Unix milliseconds; Infinity: nothing waits to be stored. */
  readonly storedUntil: () => number;
  /** Returns the id of the mute that stops an event in a room now; null: none. */
  readonly mutedBy: (roomId: number, event: () => Promise<Event>, now: number) => Promise<string | null>;
  /** Returns why a held delivery needs no message any more; null: it needs one. */
  readonly cancelReason: (delivery: DueDelivery, event: () => Promise<Event>) => Promise<string | null>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Does the work of a room: decides which deliveries share a message, and which need none. */
export interface RoomWork {
  /** Does a piece of work. Throws if the store or our own code fails; work on which our own code fails repeatedly becomes a dead letter. */
  do(work: DueWork, account: Account): Promise<void>;
  /** Checks whether the wave is over while nothing else is due. Returns true if it just ended, so that its cards may be due. */
  endsWave(account: Account): Promise<boolean>;
  /** True if a wave is on, or that is not known. */
  readonly mayHaveWave: boolean;
}

/** Makes the work of one room. */
export function createRoomWork(options: RoomWorkOptions): RoomWork {
  return new WorkOfRoom(options);
}

class WorkOfRoom implements RoomWork {
  readonly #options: RoomWorkOptions;
  readonly #pace: Pace;
  readonly #strikes = createStrikes();
  readonly #waves: RoomWaves | null;
  /** Number of deliveries to plan one by one, since our own code failed on some of them together. */
  #apart = 0;

  constructor(options: RoomWorkOptions) {
    const { db, gate, keeper, waves, clock, log } = options;
    this.#options = options;
    this.#pace = createPace(keeper.adapter.idempotentForMs > 0);
    this.#waves =
      waves === null
        ? null
        : createRoomWaves({
            ...{ db, waves, clock, log },
            roomId: () => gate.room.id,
            roomName: gate.room.name,
            digestUnits: () => keeper.adapter.bodyUnits(gate.address),
            canGrow: keeper.adapter.canEdit,
          });
  }

  get mayHaveWave(): boolean {
    return this.#waves !== null && !this.#waves.isKnownToBeOff;
  }

  async endsWave(account: Account): Promise<boolean> {
    if (this.#waves === null || this.#waves.isKnownToBeOff) return false;
    return !(await this.#waves.isOn(account));
  }

  async do(work: DueWork, account: Account): Promise<void> {
    const { sender } = this.#options;
    switch (work.kind) {
      case 'plan':
        return this.#plan(account);
      case 'repeat':
        return this.#guarded(work, account, () => sender.repeat(work.send, account));
      case 'notice':
        return this.#guarded(work, account, () => sender.notice(work.notice, account));
      case 'card':
        return this.#guarded(work, account, () => sender.card(work.card, account));
      case 'redraw':
        return this.#guarded(work, account, () => this.#redraw(work.message, account));
      default:
        work satisfies never;
    }
  }

  /** Runs a piece of work; the third equal failure of our own code on it makes it a dead letter. */
  async #guarded(work: FailedWork, account: Account, run: () => Promise<void>): Promise<void> {
    const name = nameOf(work);
    try {
      await run();
      this.#strikes.clear(name);
    } catch (err) {
      const failure = this.#strikes.note(name, err);
      if (failure === null) throw err;
      const room = this.#options.gate.room.name;
      this.#options.log.error({ room, err }, `room ${room}: ${name} failed three times and is given up`);
      await this.#options.sender.giveUp(work, failure, account);
      this.#strikes.clear(name);
    }
  }

  async #redraw(stale: StaleMessage, account: Account): Promise<void> {
    const { db, keeper, sender } = this.#options;
    if (!stale.isWave || this.#waves === null) return sender.redraw(stale, account);
    if (!keeper.adapter.canEdit) return noteFresh(db, stale);
    const digest = await this.#waves.redraw(stale);
    return hashOf([digest.content]) === stale.shown ? noteFresh(db, stale) : sender.digest(digest, account);
  }

  /** Sends due deliveries: in a wave, after a gap, and if the room is behind, several share a message. */
  async #plan(account: Account): Promise<void> {
    const { db, gate, clock, safeguards, storedUntil } = this.#options;
    const readyBy = Math.min(clock.now(), storedUntil());
    const picker = createPicker(db, gate.room.id, readyBy, safeguards.inOrder, this.#pace.size);
    const first = await picker.next();
    if (first === null) {
      // Without a wait the room would look again and again.
      if (picker.held === 0) throw new Error('deliveries are ready, and none of them can be picked');
      return;
    }
    const gathered: DueDelivery[] = [];
    return this.#guarded({ kind: 'delivery', delivery: first }, account, async () => {
      try {
        if (first.failure !== null) throw first.failure;
        await this.#planWith(picker, first, gathered, account);
        this.#apart = Math.max(0, this.#apart - 1);
      } catch (err) {
        if (gathered.length > 1) this.#apart = gathered.length;
        throw err;
      }
    });
  }

  async #planWith(picker: Picker, first: DueDelivery, gathered: DueDelivery[], account: Account): Promise<void> {
    const { db, gate, keeper, sender, clock } = this.#options;
    const waves = this.#waves;
    const gather = (most: number, fits?: (delivery: DueDelivery) => boolean) =>
      this.#gather(gathered, picker, first, most, fits);
    if (waves === null || first.isAlone || this.#apart > 0) {
      await gather(first.isAlone || this.#apart > 0 ? 1 : this.#pace.size, isOneMessage);
      return this.#sendEach(gathered, account);
    }
    if (first.catchUp !== null) {
      const { catchUp } = first;
      await gather(mostOfGap, (delivery) => delivery.catchUp === catchUp);
      const units = keeper.adapter.bodyUnits(gate.address);
      const digest = await digestOfGap(db, gathered, { units, lastedMs: clock.now() - catchUp, clock });
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
    await gather(this.#pace.size, isOneMessage);
    return this.#sendEach(gathered, account);
  }

  async #sendEach(deliveries: readonly DueDelivery[], account: Account): Promise<void> {
    if (deliveries.length === 0) return;
    const { clock, sender } = this.#options;
    const startedAt = clock.monotonic();
    const allSent = await sender.each(deliveries, account);
    this.#pace.note({ count: deliveries.length, tookMs: clock.monotonic() - startedAt, allSent });
  }

  /** Gathers the first delivery and up to `most` that fit, without those that need no message. */
  async #gather(
    gathered: DueDelivery[],
    picker: Picker,
    first: DueDelivery,
    most: number,
    fits = (delivery: DueDelivery) => delivery.catchUp === null,
  ): Promise<void> {
    for (let next: DueDelivery | null = first; next !== null; next = await picker.next()) {
      if (next === first) {
        if (await this.#needsMessage(next)) gathered.push(next);
      } else if (mayJoin(next, gathered, fits)) await this.#joinOrSkip(next, gathered, picker);
      else picker.skipSubject(next);
      if (gathered.length >= most) break;
    }
  }

  /** A delivery on which our own code fails is skipped here: it fails alone, when it is the first. */
  async #joinOrSkip(next: DueDelivery, gathered: DueDelivery[], picker: Picker): Promise<void> {
    try {
      if (await this.#needsMessage(next)) gathered.push(next);
    } catch (err) {
      if (troubleOf(err) !== null) throw err;
      picker.skipSubject(next);
    }
  }

  /** Returns false if a mute stops a delivery now, its hold ends without a message, or a card shows it: it is then settled. */
  async #needsMessage(delivery: DueDelivery): Promise<boolean> {
    const { db, events, gate, clock, mutedBy, cancelReason } = this.#options;
    const { id, eventId } = delivery;
    const event = () => events.get(eventId);
    const mute = await mutedBy(gate.room.id, event, clock.now());
    if (mute !== null && (await settleMuted(db, id, mute, clock.now()))) return false;
    if (await joinCard(db, gate.room.id, delivery, clock.now())) return false;
    const reason = await cancelReason(delivery, event);
    if (reason !== null) await settleCancelled(db, id, reason, clock.now());
    return reason === null;
  }
}

/** True for a delivery that gets a message of its own beside others. A ping looks at the pings before it, so it is the first or comes later. */
const isOneMessage = ({ catchUp, options }: DueDelivery): boolean => catchUp === null && options.mention.length === 0;

function mayJoin(
  next: DueDelivery,
  gathered: readonly DueDelivery[],
  fits: (delivery: DueDelivery) => boolean,
): boolean {
  if (next.failure !== null || next.isAlone || !fits(next)) return false;
  // If a card of the subject is gathered already, this delivery joins that card afterwards.
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
