import type { Database } from '../store/tables.ts';
import type { RoomName } from './named-room.ts';

/** Returns the rooms that the store knows; those of the configuration come last, so that of two with one name theirs is found. */
export async function listKnownRooms(db: Database): Promise<RoomName[]> {
  return db.selectFrom('rooms').select(['name', 'address']).orderBy('configured').orderBy('id').execute();
}
