import type { Account, Adapter } from '../../adapters/adapter.ts';
import type { Writer } from '../../store/writer.ts';
import type { Clock } from '../../time/clock.ts';
import type { UnsentNotice } from '../rows/next-work.ts';
import { overtakenOf } from '../rows/overtaken.ts';
import type { StoredSend } from '../rows/send-row.ts';
import {
  type Planned,
  type PlannedReaction,
  storeNoticePlan,
  storePlan,
  storeReactionPlan,
} from '../rows/store-send.ts';
import { storePlans } from '../rows/store-singles.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import type { Attempts, NewSend } from './attempts.ts';
import type { RoomGate } from './room-gate.ts';

export interface FirstSendsOptions {
  readonly attempts: Attempts;
  readonly writer: Writer;
  readonly gate: RoomGate;
  readonly adapter: Pick<Adapter, 'gathersSubjects' | 'seals'>;
  readonly safeguards: Pick<SendSafeguards, 'mintKey' | 'inOrder'>;
  readonly clock: Clock;
}

/** The subject of a send: its message, and the deliveries that it carries. */
export type Contents = Pick<Planned, 'deliveries' | 'message' | 'shown'> & {
  /** True if an edit is of a message that shows one thing. A new message does if it carries one delivery at most. */
  readonly isAlone?: boolean;
};

/** The formatted part of a send; `failure`: the reason why it could not be formatted. */
export type Formatted = Pick<Planned, 'key' | 'payload' | 'failure'>;

/** Stores the sends of one room, before their first byte leaves, and makes their first attempts. */
export class FirstSends {
  readonly #options: FirstSendsOptions;

  constructor(options: FirstSendsOptions) {
    this.#options = options;
  }

  /** Stores a send and makes its first attempt; one that could not be formatted is stored as a dead letter. */
  async send(contents: Contents, formatted: Formatted, account: Account): Promise<void> {
    const planned = this.planned(contents, formatted, account);
    await this.#attempt(contents, await this.#options.writer.write((trx) => storePlan(trx, planned)));
  }

  /** The same for a message that shows its deliveries in their order. Does nothing if one that came meanwhile stands before them. */
  async sendInOrder(contents: Contents, formatted: Formatted, account: Account): Promise<void> {
    const { gate, safeguards, writer } = this.#options;
    const planned = this.planned(contents, formatted, account);
    const send = await writer.write(async (trx) => {
      const overtaken = await overtakenOf(trx, gate.room.id, contents.deliveries, safeguards.inOrder);
      return overtaken.size > 0 ? null : storePlan(trx, planned);
    });
    if (send !== null) await this.#attempt(contents, send);
  }

  /**
   * The same for several sends of one delivery each, which are stored together, without those before which one that came
   * meanwhile stands. Returns true if all were sent.
   */
  async sendEach(given: readonly Planned[]): Promise<boolean> {
    const { gate, safeguards, writer } = this.#options;
    const { planned, sends } = await writer.write(async (trx) => {
      const deliveries = given.flatMap((each) => each.deliveries);
      const overtaken = await overtakenOf(trx, gate.room.id, deliveries, safeguards.inOrder);
      const planned = given.filter((each) => !each.deliveries.some(({ id }) => overtaken.has(id)));
      return { planned, sends: await storePlans(trx, planned) };
    });
    // A delivery that could not be made into a message is a dead letter by now.
    const pending = sends.flatMap((send, at) => {
      const each = carried(planned[at]?.deliveries ?? []);
      return send.state === 'pending' ? [{ send, ...each, isAlone: true }] : [];
    });
    return this.#options.attempts.makeAll(pending);
  }

  /** The same for a notice that is stored. */
  async sendNotice(notice: UnsentNotice, formatted: Formatted, account: Account): Promise<void> {
    const { attempts, clock, gate, writer } = this.#options;
    const counts = { now: clock.now(), countedMs: 0, ...this.#roomTraits };
    const plan = { notice, roomId: gate.room.id, account, ...formatted, ...counts };
    const send = await writer.write((trx) => storeNoticePlan(trx, plan));
    if (formatted.failure === null) await attempts.make({ send, events: [], since: null, isAlone: true });
  }

  /** The same for a reaction. */
  async react(plan: Pick<PlannedReaction, 'message' | 'action' | 'payload'>, account: Account): Promise<void> {
    const { attempts, clock, gate, safeguards, writer } = this.#options;
    const parts = { key: safeguards.mintKey(), failure: null, countedMs: 0, now: clock.now(), account };
    const planned = { roomId: gate.room.id, gathers: false, seals: false, ...parts, ...plan };
    const send = await writer.write((trx) => storeReactionPlan(trx, planned));
    await attempts.make({ send, events: [], since: null, isAlone: false });
  }

  /** Returns a send as it is to be stored now. */
  planned({ deliveries, message, shown }: Contents, formatted: Formatted, account: Account): Planned {
    const { attempts, clock, gate } = this.#options;
    const now = clock.now();
    const counting = deliveries.map((delivery) => {
      const countedMs = attempts.counted(delivery.countedMs, delivery.lastAttemptAt ?? now);
      return { ...delivery, countedMs };
    });
    // A delivery that waited long does not end those that came a moment ago.
    const countedMs = counting.length === 0 ? 0 : Math.min(...counting.map((delivery) => delivery.countedMs));
    const parts = { roomId: gate.room.id, account, ...this.#roomTraits, ...formatted };
    return { ...parts, now, countedMs, deliveries: counting, message, shown };
  }

  /** Makes the first attempt of a send, unless it was stored as a dead letter. */
  async #attempt({ deliveries, message, isAlone }: Contents, send: StoredSend): Promise<void> {
    if (send.state !== 'pending') return;
    const showsOne = isAlone ?? (message.kind === 'new' && deliveries.length <= 1);
    await this.#options.attempts.make({ send, ...carried(deliveries), isAlone: showsOne });
  }

  get #roomTraits(): Pick<Planned, 'gathers' | 'seals'> {
    const { adapter, gate } = this.#options;
    return { gathers: adapter.gathersSubjects(gate.address), seals: adapter.seals(gate.address) };
  }
}

/** Returns the events of deliveries, and the arrival of the oldest. */
function carried(deliveries: Contents['deliveries']): Pick<NewSend, 'events' | 'since'> {
  const since = deliveries.reduce((oldest, { receivedAt }) => Math.min(oldest, receivedAt), Number.POSITIVE_INFINITY);
  return { events: deliveries.map(({ eventId }) => eventId), since: deliveries.length === 0 ? null : since };
}
