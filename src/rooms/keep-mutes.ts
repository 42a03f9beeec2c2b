import type { QuietRule } from '../config/config.ts';
import type { Log } from '../log.ts';
import { logFailure } from '../store/log-failure.ts';
import { slices } from '../store/slices.ts';
import type { Database } from '../store/tables.ts';
import { type Clock, wallAheadMs } from '../time/clock.ts';
import { quietHours } from './active-mute.ts';
import { createEndMutes } from './end-mutes.ts';
import { insertMutes, listQuietMutes } from './mute-rows.ts';
import type { Mutes } from './mutes.ts';
import { isSamePeriod, type Period, quietAt, SAME_END_MS } from './quiet-periods.ts';

/** Longest time between two checks for the start of quiet hours, ms. */
const LOOK_MS = 5_000;

/** Interval at which all mutes and quiet hours are read from the store, ms: a change may not have been told. */
const READ_ALL_MS = 60_000;

/** Shortest time between two looks, ms. */
const SHORTEST_MS = 100;

/** Number of rooms whose quiet hours begin together: one statement each reads and writes them. */
const BEGIN_TOGETHER = 64;

const noRules: readonly QuietRule[] = [];

export interface KeepMutesOptions {
  readonly db: Database;
  readonly mutes: Mutes;
  readonly quiet: {
    /** Returns the quiet hours of the rooms that have some, by the id of the room: the same array for a room until its own are changed. */
    byRoom(): ReadonlyMap<number, readonly QuietRule[]>;
    /** Reads those of commands from the store. */
    load(): Promise<void>;
  };
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
  const end = createEndMutes(options);
  let cancel = () => {};
  let stopped = false;
  let working: Promise<void> = Promise.resolve();
  const kept = new Map<number, Kept>();
  let readAllAt = clock.monotonic() + READ_ALL_MS;

  async function readAll(): Promise<void> {
    await options.quiet.load();
    await mutes.load();
    readAllAt = clock.monotonic() + READ_ALL_MS;
  }

  /** Always sets the next look, whatever fails. */
  async function work(): Promise<void> {
    let waitMs = LOOK_MS;
    try {
      if (mutes.isStale || clock.monotonic() >= readAllAt) await readAll();
      const now = clock.now();
      const over = Map.groupBy(mutes.over(now), (mute) => mute.roomId);
      const failed = (await end(over, now, 'if over')).size + (await keepAllQuiet(now));
      const untilEnd = mutes.nextEnd === null ? LOOK_MS : mutes.nextEnd - clock.now();
      if (failed === 0) waitMs = Math.max(SHORTEST_MS, Math.min(LOOK_MS, untilEnd));
    } catch (err) {
      logFailure(log, err, {}, 'could not start or end mutes; retrying in 5 s');
    }
    if (!stopped) cancel = clock.after(waitMs, look);
  }

  /** Returns the number of rooms in which this failed. */
  async function keepAllQuiet(now: number): Promise<number> {
    const aheadMs = wallAheadMs(clock);
    let failed = 0;
    for (const some of slices(findChanging(now + aheadMs, aheadMs), BEGIN_TOGETHER))
      failed += (await keepQuiet(some, now)).size;
    return failed;
  }

  /** Returns the rooms in which a period may begin or end: for the others, the store is not read. */
  function findChanging(wallNow: number, aheadMs: number): readonly Changing[] {
    const all = options.quiet.byRoom();
    const quietBy = quietAt(wallNow);
    const begun = [...mutes.all()].filter(({ author }) => author === quietHours);
    const changing: Changing[] = [];
    for (const roomId of new Set([...all.keys(), ...begun.map((mute) => mute.roomId)])) {
      const rules = all.get(roomId) ?? noRules;
      const before = kept.get(roomId);
      const wasSet = before !== undefined && Math.abs(before.aheadMs - aheadMs) >= SAME_END_MS;
      if (!wasSet && before?.rules === rules && wallNow < before.changesAt) continue;
      const { periods, text, changesAt } = quietBy(rules);
      if (!wasSet && before?.periods === text) {
        kept.set(roomId, { ...before, rules, changesAt });
        continue;
      }
      const wanted = periods.map((period) => ({ ...period, until: period.until - aheadMs }));
      changing.push({ roomId, wanted, next: { rules, periods: text, changesAt, aheadMs } });
    }
    return changing;
  }

  /**
   * Starts quiet hours of rooms once for each period, so that a mute ended early by a command stays ended. Returns the rooms in which this
   * failed.
   */
  async function keepQuiet(rooms: readonly Changing[], now: number): Promise<ReadonlySet<number>> {
    const stored = await listQuietMutes(
      db,
      rooms.map(({ roomId }) => roomId),
      now,
    );
    const byRoom = Map.groupBy(stored, (mute) => mute.roomId);
    const known = (roomId: number) => byRoom.get(roomId) ?? [];
    const unwanted = rooms.flatMap(({ roomId, wanted }) =>
      // Started before the wall clock was set, or under other hours, so its end would be wrong.
      known(roomId).filter((mute) => !mute.isEnded && !wanted.some((period) => isSamePeriod(period, mute))),
    );
    const failed = await end(
      Map.groupBy(unwanted, (mute) => mute.roomId),
      now,
      'anyway',
    );
    const ready = rooms.filter(({ roomId }) => !failed.has(roomId));
    const added = ready.flatMap(({ roomId, wanted }) =>
      wanted
        .filter((period) => !known(roomId).some((mute) => isSamePeriod(period, mute)))
        .map((period) => ({ roomId, ...period, where: null, author: quietHours, reason: null, now })),
    );
    if (added.length > 0) await db.transaction().execute((trx) => insertMutes(trx, added));
    // Also those that an earlier attempt wrote, without an answer.
    const muted = ready.filter(({ wanted }) => wanted.length > 0);
    if (muted.length > 0) await mutes.changed(...muted.map(({ roomId }) => roomId));
    for (const { roomId, next } of ready) kept.set(roomId, next);
    return failed;
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

/** A room in which quiet hours may begin or end. */
interface Changing {
  readonly roomId: number;
  /** The periods in which it is now, with ends in the store's time. */
  readonly wanted: readonly Period[];
  readonly next: Kept;
}
