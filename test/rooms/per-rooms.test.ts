import { expect, it } from 'vitest';
import { createNamesOf } from '../../src/app/names-of-a-room.ts';
import { createRoomDirectory } from '../../src/outbox/room-directory.ts';
import { createMaskedRooms } from '../../src/rooms/masked-rooms.ts';

/** Rooms of a configuration that count how often their addresses are read. */
function countedRooms(addresses: readonly string[]) {
  const counted = { reads: 0 };
  const rooms = addresses.map((address) => ({
    masksOffensive: true,
    get address() {
      counted.reads++;
      return address;
    },
  }));
  return { counted, rooms };
}

it('the rooms that hide titles are found once, until the configuration or an address changes', () => {
  const directory = createRoomDirectory();
  directory.set('a', 1);
  const { counted, rooms } = countedRooms(['a', 'b']);
  let inEffect = rooms;
  const masked = createMaskedRooms(() => inEffect, directory);
  expect([...masked()]).toEqual([1]);
  expect([...masked()]).toEqual([1]);
  expect(counted.reads).toBe(2);
  directory.set('b', 2);
  expect([...masked()]).toEqual([1, 2]);
  expect(counted.reads).toBe(4);
  inEffect = [];
  expect([...masked()]).toEqual([]);
});

it('the names of a room are found without a walk over the other rooms', () => {
  const directory = createRoomDirectory();
  for (const [address, id] of [
    ['a', 1],
    ['alias of a', 1],
    ['b', 2],
  ] as const)
    directory.set(address, id);
  const { counted, rooms } = countedRooms(['a', 'alias of a', 'b', 'not there']);
  const namesOf = createNamesOf(() => rooms, directory);
  expect(namesOf('b')).toEqual(['b']);
  const { reads } = counted;
  expect(namesOf('alias of a')).toEqual(['alias of a', 'a']);
  expect(namesOf('not there')).toEqual(['not there']);
  // Those of the names that are returned.
  expect(counted.reads).toBe(reads + 2);
});
