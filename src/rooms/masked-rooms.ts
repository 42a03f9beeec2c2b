import type { RoomConfig } from '../config/config.ts';
import { type AddressIds, perRooms } from './per-rooms.ts';

/** Returns the rooms, by id, that hide the titles of offensive posts. Two addresses may turn out to lead to one room. */
export type MaskedRooms = () => ReadonlySet<number>;

/** `rooms`: returns the rooms of the configuration in effect. It is asked for each event and message. */
export function createMaskedRooms(
  rooms: () => readonly Pick<RoomConfig, 'address' | 'masksOffensive'>[],
  directory: AddressIds,
): MaskedRooms {
  return perRooms(rooms, directory, (all) => {
    const masked = all.filter(({ masksOffensive }) => masksOffensive);
    return new Set(masked.flatMap(({ address }) => directory.roomId(address) ?? []));
  });
}
