import type { Account, Sealing, SendAction } from '../../adapters/adapter.ts';
import type { Log, SentLevel } from '../../log.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import type { Database } from '../../store/tables.ts';
import type { Writer } from '../../store/writer.ts';
import type { Clock } from '../../time/clock.ts';
import { unlessStopped } from '../../time/until-aborted.ts';
import type { SendKind } from '../../words.ts';
import { type StoredSend, unsealed } from '../rows/send-row.ts';
import { carriedBy, noteAttempt, repeatLater } from '../rows/settle.ts';
import { storeSealed } from '../rows/store-sealed.ts';
import { decideFound, giveUp, isBeside, isChange, mayBeLimited } from '../rules/decide.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import { countedMs } from '../rules/send-history.ts';
import type { Attempted } from '../rules/transition.ts';
import type { AccountKeeper } from './account.ts';
import { type Concluded, Conclusions } from './conclusions.ts';
import type { RoomGate } from './room-gate.ts';
import { sendAge } from './send-age.ts';
import { fieldsOf } from './send-fields.ts';
import type { RoomReport } from './wait-log.ts';

export interface AttemptsOptions {
  readonly db: Database;
  readonly writer: Writer;
  readonly gate: RoomGate;
  readonly keeper: AccountKeeper;
  readonly clock: Clock;
  readonly log: Log;
  /** The level of the line about each message that went out. */
  readonly sentLevel: SentLevel;
  readonly report: RoomReport;
  readonly safeguards: SendSafeguards;
  readonly tell: TellOperators;
  /** Aborted when sends in flight must not be waited for any more. */
  readonly signal: AbortSignal;
}

/** A send that was just stored, for its first attempt. */
export interface NewSend {
  readonly send: StoredSend;
  /** The ids of the events whose deliveries it carries. */
  readonly events: readonly number[];
  /** The arrival of the oldest of these events, Unix milliseconds; null: it carries none. */
  readonly since: number | null;
  /** True if its message shows one thing. */
  readonly isAlone: boolean;
}

/** Attempts to make the stored sends of a room, and settles them by the platform's answers. */
export interface Attempts {
  /** Makes the first attempt of a stored send. */
  make(send: NewSend): Promise<void>;
  /**
   * Makes the first attempts of sends one after the other, and writes their outcomes together. The first that is not simply
   * sent ends it: those behind it are planned anew. Returns true if all were sent.
   */
  makeAll(sends: readonly NewSend[]): Promise<boolean>;
  /** Tries a stored send again, or searches the room if its key does not protect any more. */
  repeat(send: StoredSend, account: Account): Promise<void>;
  /** Ends a send on which our own code fails: the room may show it. */
  giveUp(send: StoredSend, reason: string): Promise<void>;
  /** Returns how much time counts towards the 24 hours, up to an attempt that is made now, ms. */
  counted(before: number, lastAttemptAt: number): number;
}

/** Makes the attempts of one room. */
export function createAttempts(options: AttemptsOptions): Attempts {
  return new AttemptsOfRoom(options);
}

class AttemptsOfRoom implements Attempts {
  readonly #options: AttemptsOptions;
  readonly #conclusions: Conclusions;
  /** Number of the room's last sends whose answer was not clear: of new messages, and of each kind of change. */
  readonly #unclear = new Map<SendKind | 'new', number>();

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#conclusions = new Conclusions(options);
  }

  async make(send: NewSend): Promise<void> {
    const made = await this.#attempt(send);
    if (made !== null) await this.#conclusions.conclude([made], []);
  }

  async makeAll(sends: readonly NewSend[]): Promise<boolean> {
    const concluded: Concluded[] = [];
    for (const [index, each] of sends.entries()) {
      const behind = sends.slice(index + 1).map((one) => one.send);
      const made = await this.#attempt(each).catch(async (err) => {
        await this.#conclusions.conclude(concluded, behind);
        throw err;
      });
      if (made !== null) concluded.push(made);
      const isSent = made?.transition.isAccepted === true;
      if (isSent && behind.length > 0 && !this.#options.signal.aborted) continue;
      await this.#conclusions.conclude(concluded, behind);
      return isSent && behind.length === 0;
    }
    return true;
  }

  async repeat(send: StoredSend, account: Account): Promise<void> {
    const { gate, keeper, clock, signal } = this.#options;
    const { adapter } = keeper;
    const now = clock.now();
    const changeWaitMs = mayBeLimited(send.kind) ? gate.changeWaitMs(send.kind) : 0;
    if (changeWaitMs > 0)
      return this.#options.writer.write((trx) => repeatLater(trx, send, now + Math.ceil(changeWaitMs)));
    // It was to be encrypted first, and a crash came before that.
    if (send.sealed === unsealed) return this.#again(send, now);
    const age = sendAge(send, clock);
    // A key protects only what goes the same way: a message that was not encrypted then would be another one now.
    const isSameWay = send.sealed !== null || !adapter.seals(gate.address);
    // A change that is made twice has one effect.
    const isSafe = () =>
      (isChange(send.kind) && send.account === account.id) || (isSameWay && this.#isProtected(send, account));
    // There a message begins a thread, also in the place of one that was closed meanwhile, and no key protects that.
    const mayBeginThread = !isChange(send.kind) && adapter.gathersSubjects(gate.address);
    if (!mayBeginThread && isSafe()) return this.#again(send, now);
    const { key, payload } = send;
    const request = {
      room: gate.address,
      key,
      payload,
      since: age.firstAt,
      action: actionOf(send),
      author: send.account,
    };
    const found = await unlessStopped(adapter.find(request, signal), signal, stopped);
    if (found.outcome === 'unknown' || signal.aborted) return;
    // What cannot be searched for is sent again where its key protects it.
    if (found.outcome === 'unreadable' && send.kind !== 'create' && isSafe()) return this.#again(send, clock.now());
    const transition = decideFound(found, this.#attempted(send, 0), age.lastMs);
    await this.#conclusions.conclude([{ send, ...(await carriedBy(this.#options.db, send)), transition }], []);
  }

  giveUp(send: StoredSend, reason: string): Promise<void> {
    const transition = giveUp(this.#attempted(send, 0), reason);
    return this.#conclusions.conclude([{ send, events: [], since: null, transition }], []);
  }

  /** True if a repeat with the same key cannot be shown beside what an earlier attempt may have made. */
  #isProtected(send: StoredSend, account: Account): boolean {
    const { keeper, safeguards, clock } = this.#options;
    const stored = { account: send.account, device: send.device, ageMs: sendAge(send, clock).firstMs };
    return safeguards.keyProtects(stored, account.id, account.device ?? '', keeper.adapter.idempotentForMs);
  }

  /** Makes another attempt with the same key. */
  async #again(send: StoredSend, now: number): Promise<void> {
    const { db } = this.#options;
    const counts = this.counted(send.counted_ms, send.last_attempt_at);
    const { events, since } = await carriedBy(db, send);
    const isAlone = !isChange(send.kind) && events.length <= 1;
    return this.make({ send: await noteAttempt(db, send, counts, now), events, since, isAlone });
  }

  counted(before: number, lastAttemptAt: number): number {
    const { clock, keeper } = this.#options;
    return countedMs(before, lastAttemptAt, clock.now(), keeper.lastSuccessAt);
  }

  #attempted({ id, kind, attempts, counted_ms }: StoredSend, deliveries: number): Attempted {
    const room = this.#options.gate.room.name;
    return {
      id,
      room,
      kind,
      attempts,
      countedMs: counted_ms,
      deliveries,
      unclear: this.#unclear.get(lineOf({ kind, deliveries })) ?? 0,
    };
  }

  /** Makes an attempt; null if the stop came before the answer: the send stays pending and is repeated with its key at the next start. */
  async #attempt({ send, events, since, isAlone }: NewSend): Promise<Concluded | null> {
    const { gate, keeper, safeguards, signal } = this.#options;
    const deliveries = events.length;
    this.#logAttempt(send, events);
    const { key, kind, payload } = send;
    const sealed = send.sealed === unsealed ? null : send.sealed;
    const storeSealed = (sealing: Sealing) => this.#storeSealed(send, sealing);
    const request = { room: gate.address, key, payload, action: actionOf(send), isAlone, sealed, storeSealed };
    const limitMs = mayBeLimited(kind) ? gate.changeWaitMs(kind) : 0;
    const answer =
      limitMs > 0 ? limited(limitMs) : await unlessStopped(keeper.adapter.send(request, signal), signal, stopped);
    // The answer of a room that was replaced meanwhile says nothing about the room that takes its place.
    const result = answer.outcome === 'roomBroken' && gate.address !== request.room ? leftMeanwhile : answer;
    if (result.outcome === 'unknown' && signal.aborted) return null;
    const transition = safeguards.decide(result, this.#attempted(send, deliveries));
    this.#unclear.set(lineOf({ kind, deliveries }), transition.unclear);
    return { send, events, since, transition };
  }

  /** Stores the encrypted form of a send with the state of the encryption that belongs to it. */
  async #storeSealed(send: StoredSend, sealing: Sealing): Promise<void> {
    const { writer, safeguards, clock } = this.#options;
    const state = await writer.write(async (trx) => {
      const written = safeguards.stateWith(sealing);
      await storeSealed(trx, { id: send.id, sealing, state: written }, clock.now());
      return written;
    });
    if (state !== null) sealing.stored(state);
  }

  #logAttempt(send: StoredSend, events: readonly number[]): void {
    const { gate, log } = this.#options;
    const attempt = send.attempts > 1 ? ` again, attempt ${send.attempts}` : '';
    log.debug(fieldsOf(send, events, gate.room.name), `s${send.id} goes to ${gate.room.name}${attempt}`);
  }
}

/** The sends that share a count of answers that were not clear. */
function lineOf(send: Pick<Attempted, 'kind' | 'deliveries'>): SendKind | 'new' {
  return isBeside(send) ? send.kind : 'new';
}

function actionOf({ kind, target }: StoredSend): SendAction {
  if (kind === 'create') return { kind };
  if (target === null) throw new Error(`a send of kind ${kind} without a target`);
  return { kind, target };
}

/** The answer of a platform that is known to take nothing of this kind yet, and so is not asked. */
const limited = (waitMs: number) =>
  ({ outcome: 'notAccepted', waitMs, scope: 'change', reason: 'an earlier one of its kind was limited' }) as const;

const leftMeanwhile = {
  outcome: 'notAccepted',
  waitMs: 0,
  scope: 'message',
  reason: 'the room was replaced meanwhile',
} as const;

const stopped = { outcome: 'unknown', waitMs: 0, reason: 'stopped before the answer came' } as const;
