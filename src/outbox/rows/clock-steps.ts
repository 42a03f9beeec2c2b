import { sql } from 'kysely';
import type { Log } from '../../log.ts';
import type { Database } from '../../store/tables.ts';
import type { Clock } from '../../time/clock.ts';
import type { StoredRoom } from './rooms.ts';

/** Longest wait that an adapter asks for, ms: a longer one was stored by a clock that was wrong. */
const LONGEST_MS = 3_600_000;
/** Smallest step of a clock that matters, ms: smaller ones are usual corrections. */
const SMALLEST_STEP_MS = 1_000;
/** Due times that are nearer than this stay, ms: an event that came after the step may wait for its post (500 ms). */
const SOON_MS = 1_000;

export interface ClockStepsOptions {
  readonly db: Database;
  readonly room: StoredRoom;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps the stored due times of a room correct. They are wall-clock times, since they survive the process. */
export interface ClockSteps {
  /** Shifts due times after the clock was set back. Call it before they are compared with the clock. Cheap while the clock is not set. */
  shiftDueTimes(): Promise<void>;
}

/**
 * A clock that is set back by a day would delay every waiting delivery for a day. The monotonic clock shows by how much it
 * was set back, and the due times move along. The due times of an earlier process are believed within reason.
 */
export function createClockSteps({ db, room, clock, log }: ClockStepsOptions): ClockSteps {
  /** Time by which the wall clock is ahead of the monotonic one, ms; null before the first check. */
  let ahead: number | null = null;

  async function shorten(beyond: number, dueAt: ReturnType<typeof sql<number>>): Promise<number> {
    return db.transaction().execute(async (trx) => {
      const sends = await trx
        .updateTable('sends')
        .set({ due_at: dueAt })
        .where('room_id', '=', room.id)
        .where('state', '=', sql.lit('pending'))
        .where('due_at', '>', beyond)
        .executeTakeFirst();
      const deliveries = await trx
        .updateTable('deliveries')
        .set({ due_at: dueAt })
        .where('room_id', '=', room.id)
        .where('state', '=', sql.lit('waiting'))
        .where('due_at', '>', beyond)
        .executeTakeFirst();
      return Number(sends.numUpdatedRows + deliveries.numUpdatedRows);
    });
  }

  return {
    async shiftDueTimes() {
      const now = clock.now();
      const aheadNow = now - clock.monotonic();
      if (ahead === null) {
        await shorten(now + LONGEST_MS, sql<number>`${now}`);
        ahead = aheadNow;
      } else if (ahead - aheadNow >= SMALLEST_STEP_MS) {
        const backMs = Math.round(ahead - aheadNow);
        const moved = await shorten(now + SOON_MS, sql<number>`due_at - ${backMs}`);
        ahead = aheadNow;
        if (moved > 0)
          log.warn(
            { room: room.name, backMs, moved },
            `the clock was set back by ${Math.round(backMs / 1000)} s: the deliveries of room ${room.name} keep their delays`,
          );
      } else ahead = Math.max(ahead, aheadNow);
    },
  };
}
