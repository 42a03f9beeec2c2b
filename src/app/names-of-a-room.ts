import type { RoomConfig } from '../config/config.ts';
import type { RoomDirectory } from '../outbox/room-directory.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';

/** Returns all addresses of a room. Two in the configuration may resolve to one room. */
export type NamesOf = (address: string) => readonly string[];

export function createNamesOf(rooms: () => readonly RoomConfig[], directory: Pick<RoomDirectory, 'roomId'>): NamesOf {
  return (address) => {
    const id = directory.roomId(address);
    const same = rooms()
      .map((room) => room.address)
      .filter((each) => id !== undefined && directory.roomId(each) === id);
    return [...new Set([address, ...same])];
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
