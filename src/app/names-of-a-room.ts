import type { RoomConfig } from '../config/config.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import { type AddressIds, perRooms } from '../rooms/per-rooms.ts';

/** Returns all addresses of a room. Two in the configuration may resolve to one room. */
export type NamesOf = (address: string) => readonly string[];

export function createNamesOf(rooms: () => readonly Pick<RoomConfig, 'address'>[], directory: AddressIds): NamesOf {
  const byId = perRooms(rooms, directory, (all) => Map.groupBy(all, ({ address }) => directory.roomId(address)));
  return (address) => {
    const id = directory.roomId(address);
    const same = id === undefined ? [] : (byId().get(id) ?? []);
    return [...new Set([address, ...same.map((room) => room.address)])];
  };
}

/** Returns the live subscriptions, where those of a room are the ones under all its names. */
export function liveOfAllNames(live: LiveSubscriptions, namesOf: NamesOf): LiveSubscriptions {
  return {
    ...live,
    ofRoom: (address) => namesOf(address).flatMap((name) => live.ofRoom(name)),
    brokenIn: (address) => namesOf(address).flatMap((name) => live.brokenIn(name)),
  };
}
