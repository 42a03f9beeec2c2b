import type { CommandRoom } from '../commands/command-room.ts';
import {
  type RoomStatus,
  readRoomStatus,
  readSourceStatus,
  type SourceStatus,
  type StatusParts,
} from '../commands/status.ts';
import type { StoredRoom } from '../outbox/rows/rooms.ts';
import { writtenAddress } from '../outbox/rows/rooms.ts';
import { findNamedRoom } from '../rooms/named-room.ts';
import type { Json } from '../words.ts';
import { done, type Route, refused } from './route.ts';

export interface StatusRouteParts {
  readonly status: StatusParts;
  /** Returns the rooms in effect. */
  readonly rooms: () => readonly StoredRoom[];
  /** Returns a room as commands know it, by its written address without the platform's name. */
  readonly findRoom: (
    place: Pick<CommandRoom, 'platform' | 'account' | 'direct'> & { readonly room: string },
  ) => Promise<CommandRoom>;
}

/** Lookout and its rooms at this moment. */
export interface WholeStatus extends SourceStatus {
  readonly rooms: readonly RoomStatus[];
}

/** `GET /status` answers with a `WholeStatus`; `room=…` for one room alone. */
export function statusRoute({ status, rooms, findRoom }: StatusRouteParts): Route {
  return {
    method: 'GET',
    path: '/status',
    async handle({ query }) {
      const word = query.get('room');
      const found = word === null ? null : findNamedRoom(word, rooms());
      if (found?.outcome === 'unknown') return refused(found.error);
      const asked = found === null ? rooms() : [found.room];
      const states: RoomStatus[] = [];
      // All rooms as they are at one moment.
      const now = status.status();
      const parts: StatusParts = { ...status, status: () => now };
      for (const room of asked) {
        const { platform, account } = room;
        const known = await findRoom({ platform, account, room: writtenAddress(room), direct: false });
        states.push(await readRoomStatus(parts, { ...known, resolved: room.resolved ?? known.resolved }));
      }
      const whole: WholeStatus = { ...(await readSourceStatus(parts)), rooms: states };
      return done(whole as unknown as Json);
    },
  };
}
