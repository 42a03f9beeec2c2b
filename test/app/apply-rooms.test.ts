import { expect, it } from 'vitest';
import { RoomsInEffect, type RoomsParts } from '../../src/app/apply-rooms.ts';
import { wavesOf } from '../../src/app/build-delivery.ts';
import type { AppOptions } from '../../src/app/options.ts';
import { defaultWaves } from '../../src/config/read-rooms.ts';
import { createRoomDirectory } from '../../src/outbox/room-directory.ts';
import { openStore } from '../../src/store/open-store.ts';
import { read } from '../config/config-files.ts';

it('the mutes of a unit are read once for all rooms that begin, before a worker of them begins', async () => {
  const { config } = read(
    'source: { url: demo }\nstore: memory\n' +
      'rooms: { a: "console:a", b: "console:b", c: "console:c" }\nsubscriptions: [{ events: posts, rooms: [a, b, c] }]\n',
  );
  const { db, close } = await openStore(':memory:');
  const done: string[] = [];
  const base = {
    ...{ db, config: () => config, inEffect: { rooms: [] as { name: string }[] }, directory: createRoomDirectory() },
    share: { account: 'console' },
  };
  const delivery = {
    mutes: { changed: async (...rooms: readonly number[]) => void done.push(`mutes of ${rooms.length}`) },
    outbox: { worker: () => undefined, addRoom: ({ name }: { name: string }) => done.push(name) },
  };
  const rooms = new RoomsInEffect(
    { platforms: [] } as unknown as AppOptions,
    { base, delivery, ingest: {} } as unknown as RoomsParts,
  );
  await rooms.begin();
  expect(done).toEqual(['mutes of 3', 'a', 'b', 'c']);
  expect(base.inEffect.rooms.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  await rooms.begin();
  expect(done).toHaveLength(4);
  await close();
});

it('the waves of rooms are found without a walk over the other rooms', () => {
  let reads = 0;
  const room = (name: string, waves: null | { digestAbove: number }) => ({
    ...{ name, waves },
    get address() {
      reads++;
      return `console:${name}`;
    },
  });
  const rooms = [room('a', null), room('b', { digestAbove: 7 })] as unknown as Parameters<typeof wavesOf>[0]['rooms'];
  const waves = wavesOf({ rooms });
  expect(['console:a', 'console:b', 'console:by a command'].map(waves)).toEqual([
    null,
    { digestAbove: 7 },
    defaultWaves,
  ]);
  expect(reads).toBe(rooms.length);
});
