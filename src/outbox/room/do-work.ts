import type { Account } from '../../adapters/adapter.ts';
import type { Waves } from '../../config/config.ts';
import type { Log, SentLevel } from '../../log.ts';
import type { Draw } from '../compose/draw.ts';
import { digestOfGap, mostOfGap } from '../compose/gap-digest.ts';
import { hashOf } from '../compose/hash-of.ts';
import type { FailedWork, Sender, SenderOptions } from '../compose/sender.ts';
import { createRoomWaves, mostAtOnce, type RoomWaves } from '../compose/waves.ts';
import type { DueDelivery } from '../rows/due-deliveries.ts';
import { isBehind } from '../rows/is-behind.ts';
import { Picker } from '../rows/pick.ts';
import { noteFresh, type StaleMessage } from '../rows/stale-messages.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import type { AccountKeeper } from '../send/account.ts';
import { Gathering, type GatheringOptions } from './gathering.ts';
import type { DueWork } from './next-step.ts';
import { createPace, type Pace } from './pace.ts';
import { createStrikes } from './strikes.ts';

export interface RoomWorkOptions extends GatheringOptions {
  readonly keeper: AccountKeeper;
  readonly sender: Sender;
  readonly draw: Pick<Draw, 'pageOf' | 'hidden'>;
  readonly safeguards: SendSafeguards;
  /** The waves of the room, for when more comes than it takes; null: one message an event. */
  readonly waves: Waves | null;
  /** Returns the time before which everything that came is stored, Unix milliseconds; Infinity: nothing waits to be stored. */
  readonly storedUntil: () => number;
  readonly redrawLater: SenderOptions['redrawLater'];
  readonly log: Log;
  /** The level of the line about each message that went out. */
  readonly sentLevel: SentLevel;
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
    const { db, gate, keeper, draw, waves, clock, log } = options;
    this.#options = options;
    this.#pace = createPace(keeper.adapter.idempotentForMs > 0 && !keeper.adapter.gathersSubjects(gate.address));
    this.#waves =
      waves === null
        ? null
        : createRoomWaves({
            ...{ db, waves, clock, log, pageOf: draw.pageOf },
            hidden: (subjects) => draw.hidden(subjects, gate.room),
            roomId: () => gate.room.id,
            roomName: gate.room.name,
            digestUnits: () => keeper.adapter.bodyUnits(gate.address),
            canGrow: () => keeper.adapter.canEdit && gate.changeWaitMs('edit') <= 0,
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
    const { db, gate, keeper, sender, redrawLater } = this.#options;
    if (!stale.isWave || this.#waves === null) return sender.redraw(stale, account);
    if (!keeper.adapter.canEdit) return noteFresh(db, stale);
    const waitMs = gate.changeWaitMs('edit');
    if (waitMs > 0) return redrawLater(waitMs);
    const digest = await this.#waves.redraw(stale);
    return hashOf([digest.content]) === stale.shown ? noteFresh(db, stale) : sender.digest(digest, account);
  }

  /** Sends due deliveries: in a wave, after a gap, and if the room is behind, several share a message. */
  async #plan(account: Account): Promise<void> {
    const { db, gate, clock, safeguards, storedUntil } = this.#options;
    const readyBy = Math.min(clock.now(), storedUntil());
    const picker = new Picker({
      db,
      roomId: gate.room.id,
      now: readyBy,
      inOrder: safeguards.inOrder,
      expected: this.#pace.size,
    });
    const first = await picker.next();
    if (first === null) {
      // Without a wait the room would look again and again.
      if (picker.held === 0) throw new Error('deliveries are ready, and none of them can be picked');
      return;
    }
    const gathering = new Gathering(this.#options, picker, first);
    return this.#guarded({ kind: 'delivery', delivery: first }, account, async () => {
      try {
        if (first.failure !== null) throw first.failure;
        await this.#planWith(gathering, first, account);
        this.#apart = Math.max(0, this.#apart - 1);
      } catch (err) {
        if (gathering.deliveries.length > 1) this.#apart = gathering.deliveries.length;
        throw err;
      }
    });
  }

  async #planWith(gathering: Gathering, first: DueDelivery, account: Account): Promise<void> {
    const { db, gate, keeper, sender, draw, clock } = this.#options;
    const waves = this.#waves;
    if (first.isAlone || this.#apart > 0) return this.#sendEach(await gathering.take(1, isOneMessage), account);
    if (waves === null) return this.#sendEach(await gathering.take(this.#pace.size, isOneMessage), account);
    if (first.catchUp !== null) {
      const { catchUp } = first;
      const missed = await gathering.take(mostOfGap, (delivery) => delivery.catchUp === catchUp);
      const units = keeper.adapter.bodyUnits(gate.address);
      const hidden = (subjects: readonly string[]) => draw.hidden(subjects, gate.room);
      const options = { units, lastedMs: clock.wall() - catchUp, pageOf: draw.pageOf, hidden, clock };
      const digest = await digestOfGap(db, missed, options);
      return digest === null ? undefined : sender.digest(digest, account);
    }
    if (await waves.isOn(account)) {
      const more = await gathering.take(mostAtOnce);
      if (more.length > 0) await sender.digest(await waves.grow(more, account), account);
      return;
    }
    if (await isBehind(db, gate.room.id, clock.now()))
      return sender.plan(await gathering.take(keeper.adapter.togetherAtMost), account);
    return this.#sendEach(await gathering.take(this.#pace.size, isOneMessage), account);
  }

  async #sendEach(deliveries: readonly DueDelivery[], account: Account): Promise<void> {
    if (deliveries.length === 0) return;
    const { clock, sender } = this.#options;
    const startedAt = clock.monotonic();
    const { count, allSent } = await sender.each(deliveries, account);
    if (count > 0) this.#pace.note({ count, tookMs: clock.monotonic() - startedAt, allSent });
  }
}

/** True for a delivery that gets a message of its own beside others. A ping looks at the pings before it, so it is the first or comes later. */
const isOneMessage = ({ catchUp, options }: DueDelivery): boolean => catchUp === null && options.mention.length === 0;

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
