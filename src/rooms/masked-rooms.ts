import type { RoomConfig } from '../config/config.ts';

/** Returns the rooms, by id, that hide the titles of offensive posts. Two addresses may turn out to lead to one room. */
export type MaskedRooms = () => ReadonlySet<number>;

/** The ids of rooms by their addresses. */
interface Directory {
  readonly roomId: (address: string) => number | undefined;
  /** Returns another number after an address came to lead to another room. */
  readonly version: () => number;
}

type Rooms = readonly Pick<RoomConfig, 'address' | 'masksOffensive'>[];

/** `rooms`: returns the rooms of the configuration in effect. They are asked for with each event and each message. */
export function createMaskedRooms(rooms: () => Rooms, directory: Directory): MaskedRooms {
  let last: { readonly rooms: Rooms; readonly version: number; readonly found: ReadonlySet<number> } | null = null;
  return () => {
    const now = { rooms: rooms(), version: directory.version() };
    if (last?.rooms !== now.rooms || last.version !== now.version) last = { ...now, found: find(now.rooms, directory) };
    return last.found;
  };
}

function find(rooms: Rooms, { roomId }: Directory): ReadonlySet<number> {
  const masked = rooms.filter(({ masksOffensive }) => masksOffensive);
  return new Set(masked.flatMap(({ address }) => roomId(address) ?? []));
}
