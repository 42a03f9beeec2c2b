import type { Database } from '../store/tables.ts';
import type { ActiveMute } from './active-mute.ts';

/** A mute that holds, with its room. */
export interface HeldMute extends Omit<ActiveMute, 'roomId'> {
  /** The room's name in the configuration, else its address. */
  readonly room: string;
  /** As the configuration writes it. */
  readonly address: string;
}

/** Returns the mutes of all rooms that hold at an instant, oldest first. */
export async function listHeldMutes(db: Database, now: number): Promise<HeldMute[]> {
  return db
    .selectFrom('mutes as m')
    .innerJoin('rooms as r', 'r.id', 'm.room_id')
    .select([
      'm.id',
      'r.name as room',
      'r.address',
      'm.events',
      'm.where',
      'm.except',
      'm.until',
      'm.author',
      'm.reason',
    ])
    .where('m.ended_at', 'is', null)
    .where('m.until', '>', now)
    .orderBy('m.id')
    .execute();
}
