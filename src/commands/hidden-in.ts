import type { Database } from '../store/tables.ts';
import { readOffensive } from '../subject-rows/read-offensive.ts';
import type { CommandRoom } from './command-room.ts';

/** Returns the posts of these whose titles the room of a command hides. */
export async function hiddenIn(
  { masksOffensive }: CommandRoom,
  db: Database,
  subjects: readonly string[],
): Promise<ReadonlySet<string>> {
  return masksOffensive ? readOffensive(db, subjects) : new Set();
}
