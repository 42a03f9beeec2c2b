import type { Log } from '../log.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import { type QuietHours, quietUntil } from '../time/quiet-hours.ts';
import { quietHours } from './active-mute.ts';
import type { Mutes } from './mutes.ts';

/** Longest time between two checks for the start of quiet hours, ms. */
const LOOK_MS = 5_000;

export interface KeepMutesOptions {
  readonly db: Database;
  readonly mutes: Mutes;
  /** The rooms with quiet hours. */
  readonly quiet: readonly {
    /** Returns the room's present id, which changes if its address turns out to be another room of the configuration. */
    readonly roomId: () => number;
    readonly hours: readonly QuietHours[];
    readonly timeZone: string;
  }[];
  /** Called with the rooms that have a notice to send. */
  readonly wake: (roomIds: Iterable<number>) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Starts quiet hours and ends mutes until it is stopped. */
export interface MuteKeeper {
  /** Resolves when everything due at the start is done. Nothing should be sent before that. */
  readonly begun: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts quiet hours and ends mutes at their times. Mutes that ended while Lookout was not running are ended at the
 * start.
 */
export function keepMutes(options: KeepMutesOptions): MuteKeeper {
  const { db, mutes, clock, log } = options;
  let cancel = () => {};
  let stopped = false;
  let working: Promise<void> = Promise.resolve();

  async function work(): Promise<void> {
    const now = clock.now();
    let soonestMs = 100;
    try {
      for (const mute of mutes.over(now)) await end(mute, now);
      for (const room of options.quiet) await keepQuiet(room, now);
    } catch (err) {
      logFailure(log, err, {}, 'could not start or end mutes; retrying in 5 s');
      soonestMs = LOOK_MS;
    }
    if (stopped) return;
    const untilEnd = mutes.nextEnd === null ? LOOK_MS : mutes.nextEnd - clock.now();
    cancel = clock.after(Math.max(soonestMs, Math.min(LOOK_MS, untilEnd)), look);
  }

  async function end({ id, roomId }: { readonly id: number; readonly roomId: number }, now: number): Promise<void> {
    await db.transaction().execute((trx) => mutes.end(trx, id, 'time', now));
    await mutes.changed(roomId);
    log.info({ mute: id, room: roomId }, `mute m${id} ended`);
    options.wake([roomId]);
  }

  /** Starts quiet hours once for each period, so that a mute ended early by a command stays ended. */
  async function keepQuiet(
    { roomId: idOf, hours, timeZone }: KeepMutesOptions['quiet'][number],
    now: number,
  ): Promise<void> {
    const roomId = idOf();
    const until = quietUntil(hours, now, timeZone);
    const others = await db
      .selectFrom('mutes')
      .select('id')
      .where('room_id', '=', roomId)
      .where('author', '=', quietHours)
      .where('ended_at', 'is', null)
      .where('until', '<>', until ?? 0)
      .execute();
    // Started before the clock was set, or under other hours, so its end would be wrong.
    for (const { id } of others) await end({ id, roomId }, now);
    if (until === null) return;
    const known = await db
      .selectFrom('mutes')
      .select('id')
      .where('room_id', '=', roomId)
      .where('author', '=', quietHours)
      .where('until', '=', until)
      .executeTakeFirst();
    if (known !== undefined) return;
    const mute = { roomId, events: null, where: null, except: null, until, author: quietHours, reason: null, now };
    await db.transaction().execute((trx) => mutes.add(trx, mute));
    await mutes.changed(roomId);
  }

  function look(): void {
    working = work();
  }
  look();
  return {
    begun: working,
    async stop() {
      stopped = true;
      cancel();
      await working;
      cancel();
    },
  };
}
