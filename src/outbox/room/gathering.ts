import { eventTag, type Log } from '../../log.ts';
import type { EventCache } from '../../store/event-cache.ts';
import type { Database } from '../../store/tables.ts';
import { troubleOf } from '../../store/trouble.ts';
import type { Clock } from '../../time/clock.ts';
import type { Event } from '../../words.ts';
import { joinCard } from '../rows/cards.ts';
import type { DueDelivery } from '../rows/due-deliveries.ts';
import type { Picker } from '../rows/pick.ts';
import { settleCancelled, settleMuted } from '../rows/settle.ts';
import type { RoomGate } from '../send/room-gate.ts';

export interface GatheringOptions {
  readonly db: Database;
  readonly events: EventCache;
  readonly gate: RoomGate;
  /** Returns the id of the mute that stops an event in a room now; null: none. */
  readonly mutedBy: (roomId: number, event: () => Promise<Event>, now: number) => Promise<string | null>;
  /** Returns why a held delivery needs no message any more; null: it needs one. */
  readonly cancelReason: (delivery: DueDelivery, event: () => Promise<Event>) => Promise<string | null>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The deliveries that are sent together, gathered one by one. Those that need no message are settled on the way. */
export class Gathering {
  readonly #options: GatheringOptions;
  readonly #picker: Picker;
  readonly #first: DueDelivery;
  readonly #deliveries: DueDelivery[] = [];

  /** @param first the first delivery of `picker` */
  constructor(options: GatheringOptions, picker: Picker, first: DueDelivery) {
    this.#options = options;
    this.#picker = picker;
    this.#first = first;
  }

  /** The deliveries gathered so far. */
  get deliveries(): readonly DueDelivery[] {
    return this.#deliveries;
  }

  /** Gathers the first delivery and others that fit, up to `most`. By default all fit that belong to no gap. */
  async take(
    most: number,
    fits = (delivery: DueDelivery) => delivery.catchUp === null,
  ): Promise<readonly DueDelivery[]> {
    for (let next: DueDelivery | null = this.#first; next !== null; next = await this.#picker.next()) {
      if (next === this.#first) await this.#join(next);
      else if (mayJoin(next, this.#deliveries, fits)) await this.#joinOrSkip(next);
      else this.#picker.skipSubject(next);
      if (this.#deliveries.length >= most) break;
    }
    return this.#deliveries;
  }

  async #join(delivery: DueDelivery): Promise<void> {
    if (await this.#needsMessage(delivery)) this.#deliveries.push(delivery);
  }

  /** A delivery on which our own code fails is skipped here: it fails alone, when it is the first. */
  async #joinOrSkip(delivery: DueDelivery): Promise<void> {
    try {
      await this.#join(delivery);
    } catch (err) {
      if (troubleOf(err) !== null) throw err;
      this.#picker.skipSubject(delivery);
    }
  }

  /** Returns false if a mute stops a delivery now, its hold ends without a message, or a card shows it: it is then settled. */
  async #needsMessage(delivery: DueDelivery): Promise<boolean> {
    const { db, events, gate, clock, mutedBy, cancelReason } = this.#options;
    const { id, eventId } = delivery;
    const event = () => events.get(eventId);
    const mute = await mutedBy(gate.room.id, event, clock.now());
    if (mute !== null && (await settleMuted(db, id, mute, clock.now()))) return this.#without(delivery, `mute ${mute}`);
    if (await joinCard(db, gate.room.id, delivery, clock.now())) return this.#without(delivery, 'a card shows it');
    const reason = await cancelReason(delivery, event);
    if (reason === null) return true;
    await settleCancelled(db, id, reason, clock.now());
    return this.#without(delivery, reason);
  }

  /** Logs why a delivery needs no message. */
  #without({ eventId, subject }: DueDelivery, reason: string): false {
    const { gate, log } = this.#options;
    const room = gate.room.name;
    const event = eventTag(eventId);
    log.debug({ room, subject, events: [event], reason }, `${event} needs no message in ${room}: ${reason}`);
    return false;
  }
}

function mayJoin(
  next: DueDelivery,
  gathered: readonly DueDelivery[],
  fits: (delivery: DueDelivery) => boolean,
): boolean {
  if (next.failure !== null || next.isAlone || !fits(next)) return false;
  // If a card of the subject is gathered already, this delivery joins that card afterwards.
  return !(next.options.isCard && gathered.some((one) => one.subject === next.subject));
}
