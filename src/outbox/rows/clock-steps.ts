import { sql } from 'kysely';
import type { Log } from '../../log.ts';
import type { Database } from '../../store/tables.ts';
import type { Clock } from '../../time/clock.ts';
import type { StoredRoom } from './rooms.ts';

/** No adapter asks for a longer wait, in milliseconds: one that is longer was set by a clock that went wrong. */
const LONGEST_MS = 3_600_000;
/** The clock of a well-kept machine is corrected by less, in milliseconds. */
const SMALLEST_STEP_MS = 1_000;
/** What is due so soon is left alone, in milliseconds: an event that came after the step may wait for its post (500 ms). */
const SOON_MS = 1_000;

export interface ClockStepsOptions {
  readonly db: Database;
  readonly room: StoredRoom;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps the stored due times of a room true, which are wall-clock times since they outlive the process. */
export interface ClockSteps {
  /** To be called before they are compared with the clock. Costs nothing as long as nobody sets the clock back. */
  shiftDueTimes(): Promise<void>;
}

/**
 * A clock that is set back by a day would make all that waits wait for a day. By the monotonic clock we see by how much it
 * was set back, and move the due times along; what was stored by an earlier process is believed within reason.
 */
export function createClockSteps({ db, room, clock, log }: ClockStepsOptions): ClockSteps {
  /** What the wall clock is ahead of the monotonic one; null before the first look. */
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
            `the clock was set back by ${Math.round(backMs / 1000)} s: what waits in room ${room.name} goes on as before`,
          );
      } else ahead = Math.max(ahead, aheadNow);
    },
  };
}
