import { expect, it } from 'vitest';
import { postsOfMessage } from '../../src/commands/shown-posts.ts';
import { storeRooms } from '../../src/outbox/rows/rooms.ts';
import { openStore } from '../../src/store/open-store.ts';

it('a message is found by the end of its id, and no other by the signs of a pattern', async () => {
  const store = await openStore(':memory:');
  const [room] = await storeRooms(store.db, [
    { name: 'a', address: 'matrix:!a:a.org', platform: 'matrix', account: 'matrix' },
  ]);
  const plain = { kind: 'single', redraw_at: null, shown: null, pinged: null, wave: null, grows: 0 } as const;
  await store.db
    .insertInto('messages')
    .values({
      ...plain,
      ...{ room_id: room!.id, subject: 'post:1', platform_id: '$thread/$a_1', created_at: 0 },
      ...{ answers: null, answers_in: null, content: null },
    })
    .execute();
  const posts = (id: string) => postsOfMessage(store.db, room!.id, id);
  expect(await posts('$a_1')).toEqual(['post:1']);
  expect(await posts('%')).toEqual([]);
  expect(await posts('$a__')).toEqual([]);
  // PostgreSQL refuses a pattern that ends so.
  expect(await posts('$a_1\\')).toEqual([]);
  await store.close();
});
