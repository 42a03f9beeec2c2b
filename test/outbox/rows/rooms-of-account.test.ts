import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeNotice } from '../../../src/notices/write-notice.ts';
import {
  announceRooms,
  listRooms,
  parkWithoutAccount,
  storeRooms,
  storeRoomsOfAccount,
  takeRoom,
} from '../../../src/outbox/rows/rooms.ts';
import { roomsWithWork } from '../../../src/outbox/rows/rooms-with-work.ts';
import { moveStrays } from '../../../src/outbox/rows/same-room.ts';
import { anEvent } from '../../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../../support/outbox-rig.ts';
import { textMessage } from '../../support/scripted-adapter.ts';

let rig: OutboxRig;

beforeEach(async () => {
  rig = await createOutboxRig({ rooms: ['matrix:!a', 'matrix:!b'] });
});
afterEach(() => rig.stop());

const discord = { name: 'd', address: 'discord:1', platform: 'discord', account: 'discord' } as const;
const a = { name: 'a', address: 'matrix:!a', platform: 'matrix', account: 'matrix' } as const;
const onMatrix = ({ account }: { readonly account: string }) => account === 'matrix';

const inEffect = async () => (await listRooms(rig.store.db)).map(({ address }) => address).sort();
const waiting = async () =>
  rig.store.db
    .selectFrom('deliveries as d')
    .innerJoin('rooms as r', 'r.id', 'd.room_id')
    .select(['r.address', 'd.state', 'd.reason'])
    .orderBy('d.id')
    .execute();

it('an account stores its own rooms, parks those that left its configuration, and leaves those of others alone', async () => {
  const { db } = rig.store;
  await rig.outbox.removeRoom((await listRooms(db)).find(({ address }) => address === 'matrix:!b')!.id);
  await rig.deliver(anEvent({ id: 1 }), ['matrix:!b']);
  await db.transaction().execute((trx) => announceRooms(trx, [a, discord]));
  // It is announced, and its account has not taken it in.
  expect(await inEffect()).toEqual(['matrix:!a', 'matrix:!b']);
  const ofDiscord = await db
    .transaction()
    .execute((trx) => storeRoomsOfAccount(trx, [discord], (room) => !onMatrix(room)));
  expect(ofDiscord.map(({ address }) => address)).toEqual(['discord:1']);
  const ofMatrix = await db.transaction().execute((trx) => storeRoomsOfAccount(trx, [a], onMatrix));
  expect(ofMatrix.map(({ address }) => address)).toEqual(['matrix:!a']);
  expect(await inEffect()).toEqual(['discord:1', 'matrix:!a']);
  expect(await waiting()).toEqual([{ address: 'matrix:!b', state: 'waiting', reason: 'parked' }]);
  // It comes back.
  const b = { ...a, name: 'b', address: 'matrix:!b' };
  await db.transaction().execute((trx) => storeRoomsOfAccount(trx, [a, b], onMatrix));
  expect(await waiting()).toEqual([{ address: 'matrix:!b', state: 'waiting', reason: null }]);
});

it('a room that changes its account goes to the new one when the old one has parked it, with what waits', async () => {
  const { db } = rig.store;
  await rig.outbox.removeRoom((await listRooms(db)).find(({ address }) => address === 'matrix:!b')!.id);
  await rig.deliver(anEvent({ id: 1 }), ['matrix:!b']);
  const b = { ...a, name: 'of eu', address: 'matrix:!b', account: 'matrix/eu' } as const;
  const onEu = ({ account }: { readonly account: string }) => account === 'matrix/eu';
  const take = () => db.transaction().execute((trx) => takeRoom(trx, b));
  const accounts = async () => (await listRooms(db)).map(({ name, account }) => `${name}: ${account}`).sort();
  expect(await db.transaction().execute((trx) => storeRoomsOfAccount(trx, [b], onEu))).toEqual([]);
  expect(await take()).toBe(false);
  expect(await accounts()).toEqual(['a: matrix', 'b: matrix']);
  await db.transaction().execute((trx) => storeRoomsOfAccount(trx, [a], onMatrix));
  expect(await waiting()).toEqual([{ address: 'matrix:!b', state: 'waiting', reason: 'parked' }]);
  expect(await take()).toBe(true);
  expect(await take()).toBe(true);
  expect(await accounts()).toEqual(['a: matrix', 'of eu: matrix/eu']);
  expect(await waiting()).toEqual([{ address: 'matrix:!b', state: 'waiting', reason: null }]);
});

it('rooms with work are looked for among those of one account', async () => {
  const { db } = rig.store;
  await rig.outbox.removeRoom((await listRooms(db)).find(({ address }) => address === 'matrix:!b')!.id);
  await rig.deliver(anEvent({ id: 1 }), ['matrix:!b']);
  const id = rig.directory.roomId('matrix:!b');
  expect(await roomsWithWork(db, null)).toEqual([id]);
  expect(await roomsWithWork(db, 'matrix')).toEqual([id]);
  expect(await roomsWithWork(db, 'matrix/eu')).toEqual([]);
  await db.updateTable('deliveries').set({ ready: 0, due_at: 1_000 }).execute();
  expect(await roomsWithWork(db, 'matrix')).toEqual([id]);
  expect(await roomsWithWork(db, 'matrix', 1_000)).toEqual([id]);
  expect(await roomsWithWork(db, 'matrix', 999)).toEqual([]);
});

it('a notice that was not sent moves with the deliveries of its room, once', async () => {
  const { db } = rig.store;
  const [first, second] = await listRooms(db);
  await Promise.all([rig.outbox.removeRoom(first!.id), rig.outbox.removeRoom(second!.id)]);
  const notice = { roomId: first!.id, subject: 'mute', message: textMessage('over'), now: 4 };
  await db.transaction().execute((trx) => writeNotice(trx, notice));
  expect(await moveStrays(db, first!.id, second!.id, 5)).toBe(true);
  expect(await moveStrays(db, first!.id, second!.id, 5)).toBe(false);
  const rows = await db.selectFrom('messages').select('room_id').execute();
  expect(rows).toEqual([{ room_id: second!.id }]);
});

it('a room that is announced stays as it is if it is there', async () => {
  const { db } = rig.store;
  await db.transaction().execute((trx) => announceRooms(trx, [{ ...a, name: 'another' }]));
  expect((await listRooms(db)).map(({ name }) => name)).toEqual(['a', 'b']);
});

it('the rooms of an account that is in no configuration are parked', async () => {
  const { db } = rig.store;
  await storeRooms(db, [a, discord]);
  await parkWithoutAccount(db, () => true);
  expect(await inEffect()).toEqual(['discord:1', 'matrix:!a']);
  await parkWithoutAccount(db, onMatrix);
  expect(await inEffect()).toEqual(['matrix:!a']);
});

it('deliveries that were stored for a room that is another one move there, but for those that it has', async () => {
  const { db } = rig.store;
  const [first, second] = await listRooms(db);
  await Promise.all([rig.outbox.removeRoom(first!.id), rig.outbox.removeRoom(second!.id)]);
  await rig.deliver(anEvent({ id: 1 }), ['matrix:!a', 'matrix:!b']);
  await rig.deliver(anEvent({ id: 2 }), ['matrix:!a']);
  expect(await moveStrays(db, first!.id, second!.id, 5)).toBe(true);
  expect(await moveStrays(db, first!.id, second!.id, 5)).toBe(false);
  expect((await waiting()).map(({ address, state }) => `${address} ${state}`).sort()).toEqual([
    'matrix:!a cancelled',
    'matrix:!b waiting',
    'matrix:!b waiting',
  ]);
});
