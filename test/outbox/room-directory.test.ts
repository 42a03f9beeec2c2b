import { expect, it } from 'vitest';
import { createRoomDirectory } from '../../src/outbox/room-directory.ts';

it('wakes the rooms that are worked on here, and tells the others elsewhere in one go', () => {
  const elsewhere: (readonly number[])[] = [];
  const directory = createRoomDirectory((rooms) => elsewhere.push(rooms));
  const here: number[] = [];
  directory.onWake((id) => {
    if (id > 2) return false;
    here.push(id);
    return true;
  });
  directory.wake([1, 2, 3, 4]);
  directory.wake([1]);
  directory.wakeHere([2, 5]);
  expect(here).toEqual([1, 2, 1, 2]);
  expect(elsewhere).toEqual([[3, 4]]);
});

it('has another version when an address leads to another room', () => {
  const directory = createRoomDirectory();
  directory.set('matrix:#a:a.org', 1);
  const before = directory.version();
  directory.set('matrix:#a:a.org', 1);
  expect(directory.version()).toBe(before);
  directory.set('matrix:#a:a.org', 2);
  expect(directory.version()).not.toBe(before);
});
