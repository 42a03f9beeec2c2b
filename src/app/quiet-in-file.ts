import type { QuietRule, RoomConfig } from '../config/config.ts';
import { perRooms } from '../rooms/per-rooms.ts';
import type { ConfiguredQuiet } from '../rooms/quiet-rules.ts';
import type { Base } from './build-base.ts';
import { hasRoom } from './share.ts';

/** Makes a function that finds the quiet hours of the configuration, anew if it or the directory has changed. */
export function quietInFile({ config, directory, share }: Base): () => ConfiguredQuiet {
  function find(rooms: readonly RoomConfig[]): ConfiguredQuiet {
    const quiet = new Map<number, readonly QuietRule[]>();
    const timeZones = new Map<number, string>();
    for (const room of rooms.filter((each) => hasRoom(share, each))) {
      const roomId = directory.roomId(room.address);
      if (roomId === undefined) continue;
      if (room.quiet.length > 0) quiet.set(roomId, [...(quiet.get(roomId) ?? []), ...room.quiet]);
      // Of several addresses of a room the first one counts.
      if (!timeZones.has(roomId)) timeZones.set(roomId, room.timeZone);
    }
    return { quiet, timeZones };
  }
  return perRooms(() => config().rooms, directory, find);
}
