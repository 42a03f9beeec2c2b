import type { Log } from '../log.ts';
import { logFailure } from '../store/log-failure.ts';
import { slices } from '../store/slices.ts';
import type { Database, Trx } from '../store/tables.ts';
import { createWriter } from '../store/writer.ts';
import type { Clock } from '../time/clock.ts';
import { activeMuteIds } from './mute-rows.ts';
import type { Mutes } from './mutes.ts';

/** Largest number of rooms whose mutes end in one transaction: each has several statements, and nothing else runs meanwhile. */
const END_TOGETHER = 16;

export interface EndMutesOptions {
  readonly db: Database;
  readonly mutes: Mutes;
  /** Called with the rooms that have a notice to send. */
  readonly wake: (roomIds: Iterable<number>) => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface WithId {
  readonly id: number;
}

/** `if over`: mutes that somebody extended meanwhile go on. */
type When = 'if over' | 'anyway';

/**
 * Ends mutes, given by the id of their room, at `now` (Unix milliseconds). Those of a room that end together have one notice. Returns the
 * rooms where this failed: their mutes go on, and the failure is logged.
 */
export type EndMutes = (
  ending: ReadonlyMap<number, readonly WithId[]>,
  now: number,
  when: When,
) => Promise<ReadonlySet<number>>;

/** Creates the function that ends mutes of many rooms in few transactions. */
export function createEndMutes({ db, mutes, wake, clock, log }: EndMutesOptions): EndMutes {
  const writer = createWriter(db, clock);

  /** Returns the ids of those that it ended. */
  async function endIn(trx: Trx, roomId: number, ending: readonly WithId[], now: number, when: When) {
    const active = when === 'anyway' ? null : await activeMuteIds(trx, roomId, now);
    const ids = ending.map(({ id }) => id).filter((id) => active?.has(id) !== true);
    await mutes.end(trx, ids, 'time', now);
    return ids;
  }

  return async (ending, now, when) => {
    const failed = new Set<number>();
    async function endRoom(roomId: number, some: readonly WithId[]) {
      try {
        return { roomId, ids: await writer.write((trx) => endIn(trx, roomId, some, now, when)) };
      } catch (err) {
        failed.add(roomId);
        logFailure(log, err, { room: roomId }, `could not end mutes of room ${roomId}; retrying in 5 s`);
        return { roomId, ids: [] };
      }
    }
    for (const batch of slices([...ending], END_TOGETHER)) {
      const ended = await Promise.all(batch.map(([roomId, some]) => endRoom(roomId, some)));
      const roomIds = ended.map(({ roomId }) => roomId);
      await mutes.changed(...roomIds);
      for (const { roomId, ids } of ended)
        for (const id of ids) log.info({ mute: id, room: roomId }, `mute m${id} ended`);
      wake(roomIds);
    }
    return failed;
  };
}
