import type { RoomConfig } from '../config/config.ts';

/** Returns the rooms, by id, that hide the titles of offensive posts. Two addresses may turn out to lead to one room. */
export type MaskedRooms = () => ReadonlySet<number>;

const none: ReadonlySet<number> = new Set();

/** `rooms`: returns the rooms of the configuration in effect. */
export function createMaskedRooms(
  rooms: () => readonly Pick<RoomConfig, 'address' | 'masksOffensive'>[],
  roomId: (address: string) => number | undefined,
): MaskedRooms {
  return () => {
    const masked = rooms().filter(({ masksOffensive }) => masksOffensive);
    return masked.length === 0 ? none : new Set(masked.flatMap(({ address }) => roomId(address) ?? []));
  };
}
