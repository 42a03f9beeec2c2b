/** The rooms by their written addresses, and the signal that a room has something to do. */
export interface RoomDirectory {
  /** Returns the id of the room that deliveries for a written address belong to; undefined if there is none. */
  roomId(address: string): number | undefined;
  /** Two addresses may turn out to lead to one room: then both get its id. */
  set(address: string, roomId: number): void;
  /** Rooms have something new to do, for instance deliveries that were committed. */
  wake(roomIds: Iterable<number>): void;
  /** Calls `listener` with the id of each room that is woken from now on. */
  onWake(listener: (roomId: number) => void): void;
}

/** Makes a directory without rooms. */
export function createRoomDirectory(): RoomDirectory {
  const ids = new Map<string, number>();
  const listeners: ((roomId: number) => void)[] = [];
  return {
    roomId: (address) => ids.get(address),
    set: (address, roomId) => void ids.set(address, roomId),
    wake(roomIds) {
      for (const id of roomIds) for (const listener of listeners) listener(id);
    },
    onWake: (listener) => void listeners.push(listener),
  };
}
