import type { Account } from '../adapters/adapter.ts';
import type { Clock } from '../clock.ts';
import type { Waves } from '../config/config.ts';
import type { Log } from '../log.ts';
import { readOptions } from '../router/subscription-options.ts';
import type { Database } from '../store/tables.ts';
import type { Event } from '../words.ts';
import type { AccountKeeper } from './account-keeper.ts';
import { isBehind } from './backlog-state.ts';
import { joinCard } from './cards/cards.ts';
import { noteFresh, type StaleMessage } from './cards/stale.ts';
import { mostOfGap, tellOfGap } from './catch-up.ts';
import { hashOf } from './hash-of.ts';
import type { Work } from './next-work.ts';
import type { DueDelivery } from './pick.ts';
import type { RoomGate } from './room-gate.ts';
import type { Sender } from './sender.ts';
import { settleCancelled, settleMuted } from './settle.ts';
import { createRoomWaves, mostAtOnce } from './waves.ts';

export interface RoomWorkOptions {
  readonly db: Database;
  readonly gate: RoomGate;
  readonly keeper: AccountKeeper;
  readonly sender: Sender;
  /** What is done when more comes than the room takes; null: one message an event. */
  readonly waves: Waves | null;
  /** The id of the mute that stops an event in a room now; null: none. */
  readonly mutedBy: (roomId: number, event: Event, now: number) => string | null;
  /** Why a delivery that was held needs no message any more; null: it does. */
  readonly needless: (delivery: DueDelivery) => Promise<string | null>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Does what is next in a room: decides which deliveries share a message, and which need none. */
export interface RoomWork {
  do(work: Work, account: Account): Promise<void>;
  /** Looks whether a wave is over while nothing else is due; true where it just ended, so that its cards may be due. */
  endsWave(account: Account): Promise<boolean>;
}

export function createRoomWork(options: RoomWorkOptions): RoomWork {
  const { db, gate, keeper, sender, clock } = options;
  const waves =
    options.waves === null
      ? null
      : createRoomWaves({
          db,
          roomId: () => gate.room.id,
          roomName: gate.room.name,
          waves: options.waves,
          digestUnits: () => keeper.adapter.bodyUnits(gate.address),
          clock,
          log: options.log,
        });

  async function doWork(work: Work, account: Account): Promise<void> {
    switch (work.kind) {
      case 'repeat':
        return sender.repeat(work.send, account);
      case 'notice':
        return sender.notice(work.notice, account);
      case 'plan':
        return plan(work, account);
      case 'card':
        return sender.card(work.card, account);
      case 'redraw':
        return redraw(work.message, account);
      case 'wait':
        return;
      default:
        work satisfies never;
    }
  }

  async function redraw(stale: StaleMessage, account: Account): Promise<void> {
    if (!stale.isWave || waves === null) return sender.redraw(stale, account);
    const digest = await waves.redraw(stale);
    return hashOf([digest.content]) === stale.shown ? noteFresh(db, stale) : sender.digest(digest, account);
  }

  /** Sends the first delivery; with it as many as may share its message where the room is behind, or gets a digest. */
  async function plan(work: Work & { kind: 'plan' }, account: Account): Promise<void> {
    if (waves === null || work.delivery.isAlone) return sender.plan(await gather(work, 1), account);
    const { catchUp } = work.delivery;
    if (catchUp !== null) {
      const deliveries = await gather(work, mostOfGap, (delivery) => delivery.catchUp === catchUp);
      const units = keeper.adapter.bodyUnits(gate.address);
      const digest = await tellOfGap(db, deliveries, { units, lastedMs: clock.now() - catchUp });
      return digest === null ? undefined : sender.digest(digest, account);
    }
    if (await waves.isOn(account)) {
      const deliveries = await gather(work, mostAtOnce);
      if (deliveries.length > 0) await sender.digest(await waves.grow(deliveries, account), account);
      return;
    }
    const mayMerge = await isBehind(db, gate.room.id, clock.now());
    const deliveries = await gather(work, mayMerge ? keeper.adapter.togetherAtMost : 1);
    return sender.plan(deliveries, account);
  }

  /** The first delivery and up to `most` that may share its message, without those that need none. */
  async function gather(
    { delivery: first, picker }: Work & { kind: 'plan' },
    most: number,
    fits = (delivery: DueDelivery) => delivery.catchUp === null,
  ): Promise<DueDelivery[]> {
    const gathered: DueDelivery[] = [];
    for (let next: DueDelivery | null = first; next !== null; next = await picker.next()) {
      if (next !== first && (next.isAlone || !fits(next) || isSameCard(next, gathered))) picker.putBack(next);
      else if (await needsMessage(next)) gathered.push(next);
      if (gathered.length >= most) break;
    }
    return gathered;
  }

  /** False where a mute stops a delivery now, what it waited for made it needless, or a card shows it: it is then settled. */
  async function needsMessage(delivery: DueDelivery): Promise<boolean> {
    const { id, event } = delivery;
    const mute = options.mutedBy(gate.room.id, event, clock.now());
    if (mute !== null && (await settleMuted(db, id, mute, clock.now()))) return false;
    if (await joinCard(db, gate.room.id, delivery, clock.now())) return false;
    const needless = await options.needless(delivery);
    if (needless !== null) await settleCancelled(db, id, needless, clock.now());
    return needless === null;
  }

  return {
    do: doWork,
    async endsWave(account) {
      if (waves === null || waves.isKnownToBeOff) return false;
      return !(await waves.isOn(account));
    },
  };
}

/** A card is gathered already for the subject of another one: that joins it afterwards. */
function isSameCard({ subject, options }: DueDelivery, gathered: readonly DueDelivery[]): boolean {
  return readOptions(options).isCard && gathered.some((one) => one.subject === subject);
}
