import { sql } from 'kysely';
import type { Log } from '../../log.ts';
import type { Database } from '../../store/tables.ts';
import { counted } from '../../text/counted.ts';
import type { Clock } from '../../time/clock.ts';
import { formatDuration } from '../../time/duration.ts';
import type { StoredRoom } from '../rows/rooms.ts';

/** Shortest time between two log lines about the same cause, ms: under a rate limit every other send has to wait. */
const TELL_EVERY_MS = 5 * 60_000;

/** Logs the waits of a room, in words for an operator who was just woken: once when they begin and once when they end. */
export interface RoomReport {
  /** Nothing is sent at the moment. `cause` is equal for what an operator would call the same trouble. */
  waits(cause: string, reason: string): Promise<void>;
  /** Something was sent. */
  goesOn(): Promise<void>;
  /** Time for which nothing was sent, ms; 0 if nothing has to wait. */
  readonly waitsMs: number;
}

export interface RoomReportOptions {
  readonly db: Database;
  readonly room: StoredRoom;
  readonly clock: Clock;
  readonly log: Log;
}

export function createRoomReport({ db, room, clock, log }: RoomReportOptions): RoomReport {
  /** By the monotonic clock. */
  let waitingSince: number | null = null;
  let isTold = false;
  const toldAt = new Map<string, number>();

  /** Counts the deliveries that wait in the room, including those with a send that has no answer. */
  async function count(): Promise<string> {
    try {
      const { rows } = await sql<{ n: number }>`select
        (select count(*) from deliveries where room_id = ${room.id} and state = 'waiting') +
        (select count(*) from sends where room_id = ${room.id} and state = 'pending') as n`.execute(db);
      const n = Number(rows[0]?.n);
      return n === 0 ? 'nothing waits' : counted(n, 'delivery waits', 'deliveries wait');
    } catch {
      return 'the number of waiting deliveries is not known'; // The next query logs what is wrong with the store.
    }
  }

  return {
    async waits(cause, reason) {
      const now = clock.monotonic();
      const isFirst = waitingSince === null;
      waitingSince ??= now;
      if (isFirst) isTold = false;
      if (now - (toldAt.get(cause) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return;
      toldAt.set(cause, now);
      isTold = true;
      const lasts = now - waitingSince;
      const since = new Date(clock.wall() - lasts).toISOString();
      const text = isFirst ? 'waiting' : `still waiting after ${formatDuration(lasts)}`;
      const waiting = await count();
      log.warn(
        { room: room.name, since, reason },
        `room ${room.name}: ${text}: ${reason}; ${waiting}, nothing is lost`,
      );
    },
    async goesOn() {
      if (waitingSince === null) return;
      const lasted = formatDuration(clock.monotonic() - waitingSince);
      waitingSince = null;
      if (isTold) log.info({ room: room.name }, `room ${room.name}: going on after ${lasted}; ${await count()}`);
    },
    get waitsMs() {
      return waitingSince === null ? 0 : clock.monotonic() - waitingSince;
    },
  };
}
