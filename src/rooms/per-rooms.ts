/** The part of the directory of rooms that tells to which ids addresses lead. */
export interface AddressIds {
  /** Returns the id of the room at a written address; undefined if there is none. */
  roomId(address: string): number | undefined;
  /** Rises whenever an address leads to another room. */
  version(): number;
}

/**
 * Makes something of the rooms of the configuration and of the ids to which their addresses lead, once until one of them changes.
 * `rooms`: returns the rooms of the configuration in effect.
 */
export function perRooms<Room, T>(
  rooms: () => readonly Room[],
  directory: Pick<AddressIds, 'version'>,
  make: (rooms: readonly Room[]) => T,
): () => T {
  let made: { readonly of: readonly Room[]; readonly version: number; readonly value: T } | null = null;
  return () => {
    const [of, version] = [rooms(), directory.version()];
    if (made?.of !== of || made.version !== version) made = { of, version, value: make(of) };
    return made.value;
  };
}
