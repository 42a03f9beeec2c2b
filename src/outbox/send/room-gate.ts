import type { Account } from '../../adapters/adapter.ts';
import type { Log } from '../../log.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import type { Database } from '../../store/tables.ts';
import type { Clock } from '../../time/clock.ts';
import { noteResolved, noteResumed, type StoredRoom, writtenAddress } from '../rows/rooms.ts';
import type { Pause } from '../rules/decide.ts';
import type { AccountKeeper } from './account.ts';
import type { RoomReport } from './wait-log.ts';

/** How long a broken room rests before it is tried again, in milliseconds. */
const BROKEN_RETRY_MS = 10 * 60_000;

/** Nothing is said of a room that cannot be looked at for so long, in milliseconds: of a thousand rooms each has to wait its turn at the start. */
const OPENING_MS = 30_000;

export interface RoomGateOptions {
  readonly db: Database;
  readonly room: StoredRoom;
  readonly keeper: AccountKeeper;
  readonly clock: Clock;
  readonly log: Log;
  readonly report: RoomReport;
  readonly tell: TellOperators;
}

/** Whether a room takes messages, and from when on. */
export interface RoomGate {
  readonly room: StoredRoom;
  /** The address that sends use. */
  readonly address: string;
  /** Why the room takes nothing at the moment; null while it does. */
  readonly broken: { readonly since: number; readonly reason: string } | null;
  /** How long nothing may be sent, in milliseconds; 0 or less: it may. */
  readonly waitMs: number;
  /** True if `open` is due: after the start, after every break, after every change of the room. */
  readonly needsCheck: boolean;
  /**
   * Resolves the address, joins, looks whether we may speak. Gives the id of another room if this address turned out to be
   * the same one; null otherwise, whether it worked or not.
   */
  open(account: Account, signal: AbortSignal): Promise<number | null>;
  /** Does what an answer asks for. */
  pause(pause: Pause): void;
  /** Nothing is sent for so long, in milliseconds. */
  rest(waitMs: number): void;
  /** The platform says that the room changed: it is looked at again, and a broken one at once. */
  changed(): void;
  /** The room was replaced by another, which is opened next. */
  replaced(address: string): void;
}

export function createRoomGate(options: RoomGateOptions): RoomGate {
  const { db, keeper, clock, log, report, tell } = options;
  let room = options.room;
  let broken: RoomGate['broken'] = null;
  let needsCheck = true;
  /** By the monotonic clock; null: nothing keeps it from being opened. */
  let openingSince: number | null = null;
  /** By the monotonic clock. */
  let notBefore = Number.NEGATIVE_INFINITY;

  function rest(waitMs: number): void {
    notBefore = Math.max(notBefore, clock.monotonic() + waitMs);
  }

  function pause(why: Pause): void {
    switch (why.scope) {
      case 'none':
      case 'message':
        return;
      case 'room':
        rest(why.waitMs);
        return;
      case 'account':
        keeper.pause(why.waitMs);
        return;
      case 'brokenRoom':
        if (broken?.reason !== why.reason) {
          const text = `Room ${room.name} takes no messages: ${why.reason}. What is for it waits; it is tried again every 10 minutes.`;
          tell(`room ${room.id} broken`, text);
          log.error(
            { room: room.name, reason: why.reason },
            `room ${room.name} takes no messages: ${why.reason}; its deliveries wait, next try in 10 min`,
          );
        }
        broken = { since: broken?.since ?? clock.now(), reason: why.reason };
        needsCheck = true;
        rest(BROKEN_RETRY_MS);
        return;
      case 'brokenAccount':
        keeper.broken(why.reason);
        return;
      default:
        why satisfies never;
    }
  }

  async function opened(account: Account, resolved: string): Promise<number | null> {
    const id = await noteResolved(db, room, account, resolved, clock.now());
    if (id !== room.id) {
      log.warn(
        { room: room.name },
        `room ${room.name} is another room of the configuration too: one of the two is enough`,
      );
      return id;
    }
    room = { ...room, resolved };
    if (broken !== null) {
      await noteResumed(db, room.id, clock.now());
      log.info({ room: room.name }, `room ${room.name} works again`);
      tell(`room ${room.id} works`, `Room ${room.name} works again.`);
    }
    broken = null;
    needsCheck = false;
    openingSince = null;
    await report.goesOn();
    return null;
  }

  return {
    get room() {
      return room;
    },
    get address() {
      return room.resolved ?? writtenAddress(room);
    },
    get broken() {
      return broken;
    },
    get waitMs() {
      return notBefore - clock.monotonic();
    },
    get needsCheck() {
      return needsCheck;
    },
    async open(account, signal) {
      const result = await keeper.adapter.resolve(room.resolved ?? writtenAddress(room), signal);
      if (signal.aborted) return null;
      switch (result.outcome) {
        case 'resolved':
          return opened(account, result.address);
        case 'later':
          log.debug({ room: room.name, reason: result.reason }, `room ${room.name} cannot be looked at yet`);
          rest(Math.max(1_000, result.waitMs));
          openingSince ??= clock.monotonic();
          if (clock.monotonic() - openingSince >= OPENING_MS)
            await report.waits('cannot be looked at', `it cannot be looked at: ${result.reason}`);
          return null;
        case 'roomBroken':
          pause({ scope: 'brokenRoom', reason: result.reason });
          return null;
        case 'accountBroken':
          pause({ scope: 'brokenAccount', reason: result.reason });
          return null;
        default:
          result satisfies never;
          return null;
      }
    },
    pause,
    rest,
    changed() {
      needsCheck = true;
      if (broken !== null) notBefore = Number.NEGATIVE_INFINITY;
    },
    replaced(address) {
      room = { ...room, resolved: address };
      needsCheck = true;
      notBefore = Number.NEGATIVE_INFINITY;
    },
  };
}
