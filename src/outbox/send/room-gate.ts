import type { Account, ResolveResult } from '../../adapters/adapter.ts';
import type { Log } from '../../log.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import type { Database } from '../../store/tables.ts';
import type { Clock } from '../../time/clock.ts';
import type { SendKind } from '../../words.ts';
import { noteResumed, type StoredRoom, writtenAddress } from '../rows/rooms.ts';
import { noteResolved } from '../rows/same-room.ts';
import type { Pause } from '../rules/transition.ts';
import type { AccountKeeper } from './account.ts';
import type { RoomReport } from './wait-log.ts';

/** Delay before a broken room is tried again, ms. */
const BROKEN_RETRY_MS = 10 * 60_000;

/** Time for which a room that cannot be checked yet is not mentioned, ms: at the start each of a thousand rooms waits its turn. */
const OPENING_MS = 30_000;

/** Shortest delay before a room that could not be checked is checked again, ms. */
const SHORTEST_CHECK_WAIT_MS = 1_000;

export interface RoomGateOptions {
  readonly db: Database;
  readonly room: StoredRoom;
  readonly keeper: AccountKeeper;
  readonly clock: Clock;
  readonly log: Log;
  readonly report: RoomReport;
  /** Called when a room has taken over what belonged to another row, also its mutes and quiet hours. */
  readonly onTookOver: (from: number, to: number) => Promise<void>;
  readonly tell: TellOperators;
}

/** Time after which the alias of a room is looked up again, ms. */
const ALIAS_CHECK_MS = 3_600_000;
/** Rooms look up their aliases at different times, each within this time, ms. */
const ALIAS_SPREAD_MS = 600_000;

/** Knows whether a room accepts messages, and from when on. */
export interface RoomGate {
  readonly room: StoredRoom;
  /** The address that sends use. */
  readonly address: string;
  /** The reason why the room accepts nothing at the moment; null if it does. */
  readonly broken: { readonly since: number; readonly reason: string } | null;
  /** Delay before anything may be sent, ms; 0 or less: it may now. */
  readonly waitMs: number;
  /** Delay before a message may be changed in this way, ms; 0 or less: it may now. */
  changeWaitMs(kind: SendKind): number;
  /** True if `open` is due: after the start, after every break, after every change of the room, and once an hour if it has an alias. */
  readonly needsCheck: boolean;
  /** Delay before `open` is due by itself, ms; null: it is not. */
  readonly checkInMs: number | null;
  /**
   * Resolves the address, joins, and checks whether we may speak. Returns the id of another room if this address turned out to be
   * the same one; null otherwise, whether it worked or not.
   */
  open(account: Account, signal: AbortSignal): Promise<number | null>;
  /** Pauses what an answer asks to pause: the room or its account. */
  pause(pause: Pause): void;
  /** Lets nothing be sent for `waitMs`. */
  rest(waitMs: number): void;
  /** The platform says that the room changed: it is checked again, and a broken one at once. */
  changed(): void;
  /** The room was replaced by another, which is opened next. */
  replaced(address: string): void;
}

export function createRoomGate(options: RoomGateOptions): RoomGate {
  return new Gate(options);
}

class Gate implements RoomGate {
  readonly #options: RoomGateOptions;
  #room: StoredRoom;
  #broken: RoomGate['broken'] = null;
  #needsCheck = true;
  /** By the monotonic clock. */
  #checkedAt = Number.NEGATIVE_INFINITY;
  /** The reason why the alias does not lead to the room that is used, as it was told; null: it does. */
  #aliasTrouble: string | null = null;
  /** By the monotonic clock; null: nothing keeps it from being opened. */
  #openingSince: number | null = null;
  /** By the monotonic clock. */
  #notBefore = Number.NEGATIVE_INFINITY;
  /** The same for changes of messages, by kind. */
  readonly #changesNotBefore = new Map<SendKind, number>();

  constructor(options: RoomGateOptions) {
    this.#options = options;
    this.#room = options.room;
  }

  get room(): StoredRoom {
    return this.#room;
  }

  get address(): string {
    return this.#room.resolved ?? writtenAddress(this.#room);
  }

  get broken(): RoomGate['broken'] {
    return this.#broken;
  }

  get waitMs(): number {
    return this.#notBefore - this.#options.clock.monotonic();
  }

  changeWaitMs(kind: SendKind): number {
    return (this.#changesNotBefore.get(kind) ?? Number.NEGATIVE_INFINITY) - this.#options.clock.monotonic();
  }

  get needsCheck(): boolean {
    const { checkInMs } = this;
    return this.#needsCheck || (checkInMs !== null && checkInMs <= 0);
  }

  get checkInMs(): number | null {
    if (!this.#hasAlias) return null;
    const { id } = this.#room;
    const everyMs = ALIAS_CHECK_MS + ((id * 7_919_000) % ALIAS_SPREAD_MS);
    return this.#checkedAt + everyMs - this.#options.clock.monotonic();
  }

  async open(account: Account, signal: AbortSignal): Promise<number | null> {
    const hadTrouble = this.#openingSince !== null || this.#broken !== null;
    const occasion = { account, hadTrouble, signal };
    const result = await this.#options.keeper.openRoom(() => this.#resolve(signal), occasion);
    if (signal.aborted || result === null) return null;
    this.#checkedAt = this.#options.clock.monotonic();
    switch (result.outcome) {
      case 'resolved':
        return this.#opened(account, result.address);
      case 'later':
        await this.#postpone(result.waitMs, result.reason);
        return null;
      case 'roomBroken':
        this.pause({ scope: 'brokenRoom', reason: result.reason });
        return null;
      case 'accountBroken':
        this.pause({ scope: 'brokenAccount', reason: result.reason });
        return null;
      default:
        result satisfies never;
        return null;
    }
  }

  pause(pause: Pause): void {
    switch (pause.scope) {
      case 'none':
      case 'message':
        return;
      case 'change':
        this.#restChanges(pause.kind, pause.waitMs);
        return;
      case 'room':
        this.rest(pause.waitMs);
        return;
      case 'account':
        this.#options.keeper.pause(pause.waitMs);
        return;
      case 'brokenRoom':
        this.#break(pause.reason);
        return;
      case 'brokenAccount':
        this.#options.keeper.broken(pause.reason);
        return;
      default:
        pause satisfies never;
    }
  }

  rest(waitMs: number): void {
    this.#notBefore = Math.max(this.#notBefore, this.#options.clock.monotonic() + waitMs);
  }

  #restChanges(kind: SendKind, waitMs: number): void {
    const until = this.#options.clock.monotonic() + waitMs;
    this.#changesNotBefore.set(kind, Math.max(this.#changesNotBefore.get(kind) ?? until, until));
  }

  changed(): void {
    this.#needsCheck = true;
    if (this.#broken !== null) this.#notBefore = Number.NEGATIVE_INFINITY;
  }

  replaced(address: string): void {
    this.#tellMoved(this.address, address);
    this.#room = { ...this.#room, resolved: address };
    this.#needsCheck = true;
    this.#notBefore = Number.NEGATIVE_INFINITY;
  }

  get #hasAlias(): boolean {
    return this.#options.keeper.adapter.isAlias(writtenAddress(this.#room));
  }

  /** Looks where the room's alias leads now. While it leads nowhere, the room that it led to before is used on. */
  async #resolve(signal: AbortSignal): Promise<ResolveResult> {
    const { adapter } = this.#options.keeper;
    const { resolved } = this.#room;
    if (resolved === null || !this.#hasAlias) return adapter.resolve(this.address, signal);
    const byAlias = await adapter.resolve(writtenAddress(this.#room), signal);
    if (byAlias.outcome === 'resolved') this.#aliasTrouble = null;
    if (signal.aborted || byAlias.outcome === 'resolved' || byAlias.outcome === 'accountBroken') return byAlias;
    const known = await adapter.resolve(resolved, signal);
    if (known.outcome === 'roomBroken') return byAlias;
    if (known.outcome === 'resolved' && byAlias.outcome === 'roomBroken') this.#tellLost(byAlias.reason);
    return known;
  }

  /** The alias does not lead to the room that is used. */
  #tellLost(reason: string): void {
    const { log, tell } = this.#options;
    const { id, name } = this.#room;
    if (this.#aliasTrouble === reason) return;
    this.#aliasTrouble = reason;
    const written = writtenAddress(this.#room);
    const text = `Room ${name}: ${written} leads to no room that takes messages: ${reason}. Messages go on to the room that it led to before.`;
    tell(`room ${id} alias`, text);
    log.warn(
      { room: name, reason },
      `room ${name}: ${written} leads to no room that takes messages (${reason}); the room that it led to before is used on`,
    );
  }

  /** The room is another one than before. */
  #tellMoved(from: string, to: string): void {
    const { log, tell } = this.#options;
    const { id, name } = this.#room;
    const written = writtenAddress(this.#room);
    const text = `Room ${name} (${written}) is ${to} now; before it was ${from}. New messages go there; what the old room shows stays as it is.`;
    tell(`room ${id} moved`, text);
    log.warn(
      { room: name, from, to },
      `room ${name} (${written}) is ${to} now, before it was ${from}: new messages go there`,
    );
  }

  async #opened(account: Account, resolved: string): Promise<number | null> {
    const { db, clock, log, report, onTookOver, tell } = this.#options;
    const room = this.#room;
    const { id, tookOver } = await noteResolved(db, room, account, resolved, clock.now());
    if (id !== room.id) {
      const text = `room ${room.name} is the same as another room of the configuration: one of the two is enough`;
      log.warn({ room: room.name }, text);
      return id;
    }
    if (tookOver !== null) await onTookOver(tookOver, id);
    this.#room = { ...room, resolved };
    if (room.resolved !== null && room.resolved !== resolved) this.#tellMoved(room.resolved, resolved);
    if (this.#broken !== null) {
      await noteResumed(db, room.id, clock.now());
      log.info({ room: room.name }, `room ${room.name} works again`);
      tell(`room ${room.id} works`, `Room ${room.name} works again.`, `room ${room.id}`);
    }
    this.#broken = null;
    this.#needsCheck = false;
    this.#openingSince = null;
    await report.goesOn();
    return null;
  }

  /** The room cannot be checked yet. */
  async #postpone(waitMs: number, reason: string): Promise<void> {
    const { clock, log, report } = this.#options;
    const { name } = this.#room;
    log.debug({ room: name, reason }, `room ${name} cannot be checked yet`);
    this.rest(Math.max(SHORTEST_CHECK_WAIT_MS, waitMs));
    this.#openingSince ??= clock.monotonic();
    if (clock.monotonic() - this.#openingSince >= OPENING_MS)
      await report.waits('cannot be checked', `it cannot be checked: ${reason}`);
  }

  #break(reason: string): void {
    const { clock, log, tell } = this.#options;
    const { id, name } = this.#room;
    if (this.#broken?.reason !== reason) {
      const text = `Room ${name} takes no messages: ${reason}. Its messages wait; the room is tried again every 10 minutes.`;
      tell(`room ${id} broken`, text, `room ${id}`);
      log.error(
        { room: name, reason },
        `room ${name} takes no messages: ${reason}; its deliveries wait, next try in 10 min`,
      );
    }
    this.#broken = { since: this.#broken?.since ?? clock.wall(), reason };
    this.#needsCheck = true;
    // Its alias may lead elsewhere by now.
    const isAliasOld = this.#hasAlias && clock.monotonic() - this.#checkedAt >= BROKEN_RETRY_MS;
    this.rest(isAliasOld ? SHORTEST_CHECK_WAIT_MS : BROKEN_RETRY_MS);
  }
}
