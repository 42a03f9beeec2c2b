/** The rooms by their written addresses, and the signal that a room has something to do. */
export interface RoomDirectory {
  /** Returns the id of the room that deliveries for a written address belong to; undefined if there is none. */
  roomId(address: string): number | undefined;
  /** Rises whenever an address leads to another room. */
  version(): number;
  /** Two addresses may turn out to lead to one room: then both get its id. */
  set(address: string, roomId: number): void;
  /** Rooms have something new to do, for instance deliveries that were committed. */
  wake(roomIds: Iterable<number>): void;
  /** Wakes those of the rooms that are worked on here. */
  wakeHere(roomIds: Iterable<number>): void;
  /** Calls `listener` with the id of each room that is woken from now on. It returns true if the room is worked on here. */
  onWake(listener: (roomId: number) => boolean): void;
}

/** Makes a directory without rooms. `elsewhere`: called with the woken rooms that are not worked on here. */
export function createRoomDirectory(elsewhere: (roomIds: readonly number[]) => void = () => {}): RoomDirectory {
  const ids = new Map<string, number>();
  let version = 0;
  const listeners: ((roomId: number) => boolean)[] = [];
  /** Returns the rooms that are not worked on here. */
  function wakeHere(roomIds: Iterable<number>): number[] {
    const others: number[] = [];
    for (const id of roomIds) {
      let isHere = false;
      for (const listener of listeners) isHere = listener(id) || isHere;
      if (!isHere) others.push(id);
    }
    return others;
  }
  return {
    roomId: (address) => ids.get(address),
    version: () => version,
    set(address, roomId) {
      if (ids.get(address) === roomId) return;
      ids.set(address, roomId);
      version++;
    },
    wake(roomIds) {
      const others = wakeHere(roomIds);
      if (others.length > 0) elsewhere(others);
    },
    wakeHere: (roomIds) => void wakeHere(roomIds),
    onWake: (listener) => void listeners.push(listener),
  };
}
