import { expect, it } from 'vitest';
import { createRoomDirectory } from '../../src/outbox/room-directory.ts';
import { createMaskedRooms } from '../../src/rooms/masked-rooms.ts';

it('the masked rooms are found anew only if the configuration or the directory has changed', () => {
  const directory = createRoomDirectory();
  directory.set('matrix:!a', 1);
  directory.set('matrix:!b', 2);
  let rooms = [
    { address: 'matrix:!a', masksOffensive: true },
    { address: 'matrix:!b', masksOffensive: false },
  ];
  const masked = createMaskedRooms(() => rooms, directory);
  const before = masked();
  expect([...before]).toEqual([1]);
  expect(masked()).toBe(before);
  directory.set('matrix:!a', 2);
  expect([...masked()]).toEqual([2]);
  rooms = rooms.map(({ address }) => ({ address, masksOffensive: false }));
  expect([...masked()]).toEqual([]);
});
