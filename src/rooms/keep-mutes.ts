import type { QuietRule } from '../config/config.ts';
import type { Log } from '../log.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import { type Clock, wallAheadMs } from '../time/clock.ts';
import { nextQuietChange, quietUntil } from '../time/quiet-hours.ts';
import { quietHours } from './active-mute.ts';
import { activeMuteIds, listQuietMutes } from './mute-rows.ts';
import type { Mutes } from './mutes.ts';

/** Largest difference of two ends of the same quiet hours, ms: the clocks drift apart by less, and a clock that is set moves the end. */
const SAME_END_MS = 30_000;

/** Longest time between two checks for the start of quiet hours, ms. */
const LOOK_MS = 5_000;

/** Shortest time between two looks, ms. */
const SHORTEST_MS = 100;

const noRules: readonly QuietRule[] = [];

export interface KeepMutesOptions {
  readonly db: Database;
  readonly mutes: Mutes;
  /** Returns the quiet hours of the rooms that have some, by the id of the room: the same arrays until some are changed. */
  readonly quiet: () => ReadonlyMap<number, readonly QuietRule[]>;
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
  const kept = new Map<number, Kept>();

  /** Always sets the next look, whatever fails. */
  async function work(): Promise<void> {
    let waitMs = LOOK_MS;
    try {
      const now = clock.now();
      for (const [roomId, over] of Map.groupBy(mutes.over(now), (mute) => mute.roomId))
        await end(roomId, over, now, 'if over');
      await keepAllQuiet(now);
      const untilEnd = mutes.nextEnd === null ? LOOK_MS : mutes.nextEnd - clock.now();
      waitMs = Math.max(SHORTEST_MS, Math.min(LOOK_MS, untilEnd));
    } catch (err) {
      logFailure(log, err, {}, 'could not start or end mutes; retrying in 5 s');
    }
    if (!stopped) cancel = clock.after(waitMs, look);
  }

  /** Ends mutes of a room; `if over`: but none that somebody extended meanwhile. Those that end together have one notice. */
  async function end(
    roomId: number,
    mutesToEnd: readonly { readonly id: number }[],
    now: number,
    when: 'if over' | 'anyway',
  ): Promise<void> {
    const ids = await db.transaction().execute(async (trx) => {
      const kept = when === 'anyway' ? null : await activeMuteIds(trx, roomId, now);
      const ended = mutesToEnd.map(({ id }) => id).filter((id) => kept?.has(id) !== true);
      await mutes.end(trx, ended, 'time', now);
      return ended;
    });
    await mutes.changed(roomId);
    for (const id of ids) log.info({ mute: id, room: roomId }, `mute m${id} ended`);
    options.wake([roomId]);
  }

  async function keepAllQuiet(now: number): Promise<void> {
    const rules = options.quiet();
    const begun = [...mutes.all()].filter(({ author }) => author === quietHours);
    for (const roomId of new Set([...rules.keys(), ...begun.map((mute) => mute.roomId)]))
      await keepQuiet(roomId, rules.get(roomId) ?? noRules, now);
  }

  /** Starts quiet hours once for each period, so that a mute ended early by a command stays ended. */
  async function keepQuiet(roomId: number, rules: readonly QuietRule[], now: number): Promise<void> {
    const aheadMs = wallAheadMs(clock);
    const before = kept.get(roomId);
    const wasSet = before !== undefined && Math.abs(before.aheadMs - aheadMs) >= SAME_END_MS;
    if (!wasSet && before?.rules === rules && now + aheadMs < before.changesAt) return;
    const onWall = quietPeriods(rules, now + aheadMs);
    const changesAt = nextQuietChange(rules, now + aheadMs);
    const periods = JSON.stringify(onWall);
    // The database is read only when a period begins or ends.
    if (!wasSet && before?.periods === periods) {
      kept.set(roomId, { ...before, rules, changesAt });
      return;
    }
    const wanted = onWall.map((period) => ({ ...period, until: period.until - aheadMs }));
    const known = await listQuietMutes(db, roomId, now);
    // Started before the wall clock was set, or under other hours, so its end would be wrong.
    const unwanted = known.filter((mute) => !mute.isEnded && !wanted.some((period) => isSame(period, mute)));
    if (unwanted.length > 0) await end(roomId, unwanted, now, 'anyway');
    const added = wanted.filter((period) => !known.some((mute) => isSame(period, mute)));
    if (added.length > 0) {
      await db.transaction().execute(async (trx) => {
        for (const period of added)
          await mutes.add(trx, { roomId, ...period, where: null, author: quietHours, reason: null, now });
      });
      await mutes.changed(roomId);
    }
    kept.set(roomId, { rules, periods, changesAt, aheadMs });
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

/** The quiet hours of a room whose mutes are stored. */
interface Kept {
  readonly rules: readonly QuietRule[];
  readonly periods: string;
  /** Time by the wall clock at which the periods may be other ones, Unix milliseconds. */
  readonly changesAt: number;
  /** Time by which the wall clock was ahead, ms. */
  readonly aheadMs: number;
}

/** A time that is quiet now, and the events that it holds back. Hours of the day are those of the wall clock. */
type Period = Pick<QuietRule, 'events' | 'except'> & {
  /** Unix milliseconds. */
  readonly until: number;
};

/** Returns the periods in which it is now. Quiet hours for the same events that overlap are one, which ends with the last of them. */
function quietPeriods(rules: readonly QuietRule[], now: number): readonly Period[] {
  const alike = Map.groupBy(rules, ({ events, except }) => JSON.stringify([events, except]));
  return [...alike.values()].flatMap((some) => {
    const until = quietUntil(some, now);
    const { events, except } = some[0]!;
    return until === null ? [] : [{ events, except, until }];
  });
}

function isSame(a: Period, b: Period): boolean {
  return Math.abs(a.until - b.until) < SAME_END_MS && a.events === b.events && a.except === b.except;
}
