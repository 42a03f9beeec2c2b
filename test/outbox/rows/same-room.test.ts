import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { listRooms } from '../../../src/outbox/rows/rooms.ts';
import { noteResolved } from '../../../src/outbox/rows/same-room.ts';
import { createOutboxRig, type OutboxRig } from '../../support/outbox-rig.ts';

let rig: OutboxRig;
beforeEach(async () => {
  rig = await createOutboxRig({ rooms: ['matrix:!a', 'matrix:!b'] });
});
afterEach(() => rig.stop());

const account = { id: '@bot:a.org', device: 'BOT' };
const roomAt = async (address: string) => {
  const found = (await listRooms(rig.store.db)).find((room) => room.address === address);
  if (found === undefined) throw new Error(`no room is at ${address}`);
  return found;
};

it('a room that is the same as before is read and not written', async () => {
  const { db } = rig.store;
  const before = await roomAt('matrix:!a');
  await noteResolved(db, before, account, '!a', 1);
  const room = await roomAt('matrix:!a');
  const transaction = vi.spyOn(db, 'transaction');
  expect(await noteResolved(db, room, account, '!a', 2)).toEqual({ id: room.id, tookOver: null });
  expect(transaction).not.toHaveBeenCalled();
  // Another account, and another address.
  await noteResolved(db, room, { ...account, id: '@other:a.org' }, '!a', 3);
  await noteResolved(db, await roomAt('matrix:!a'), account, '!c', 4);
  expect(transaction).toHaveBeenCalledTimes(2);
  expect((await roomAt('matrix:!a')).resolved).toBe('!c');
});

it('a room whose address leads to another room of the configuration by now is written', async () => {
  const { db } = rig.store;
  const one = await roomAt('matrix:!a');
  const other = await roomAt('matrix:!b');
  await noteResolved(db, one, account, '!same', 1);
  expect(await noteResolved(db, other, account, '!same', 2)).toEqual({ id: one.id, tookOver: null });
});
