import { sql } from 'kysely';
import { platformOfAccount } from '../../account-id.ts';
import type { Account } from '../../adapters/adapter.ts';
import type { Database, Trx } from '../../store/tables.ts';
import type { AccountId, PlatformName } from '../../words.ts';
import { leaveRooms } from './leave-rooms.ts';
import { discard } from './settle.ts';

/** A room as the configuration has it. */
export interface ConfiguredRoom {
  readonly name: string;
  /** `<platform>:<written address>` */
  readonly address: string;
  readonly platform: PlatformName;
  /** The account that speaks there. */
  readonly account: AccountId;
}

/** A room as the store has it. */
export interface StoredRoom extends ConfiguredRoom {
  readonly id: number;
  /** The address that sends use; null until it was resolved once. */
  readonly resolved: string | null;
}

/** Returns the written address without `<platform>:`. */
export function writtenAddress(room: ConfiguredRoom): string {
  return room.address.slice(room.platform.length + 1);
}

/** Writes the configuration's rooms into the store, in a transaction of their own: see `storeRoomsIn`. */
export async function storeRooms(db: Database, rooms: readonly ConfiguredRoom[]): Promise<StoredRoom[]> {
  return db.transaction().execute((trx) => storeRoomsIn(trx, rooms));
}

/**
 * Writes the configuration's rooms into the store and returns them with their ids. Deliveries of a room that the
 * configuration does not name any more are parked; those of a room that came back are unparked.
 */
export async function storeRoomsIn(trx: Trx, rooms: readonly ConfiguredRoom[]): Promise<StoredRoom[]> {
  await trx.updateTable('rooms').set({ configured: 0 }).execute();
  await writeRooms(trx, rooms);
  await park(trx);
  return listRooms(trx);
}

/** The columns of a `StoredRoom`. */
export const storedRoomColumns = ['id', 'name', 'address', 'platform', 'account', 'resolved'] as const;

/** Returns the account of each room that was stored, by its address: a room that a command made keeps the one that made it. */
export async function readRoomAccounts(db: Pick<Database, 'selectFrom'>): Promise<ReadonlyMap<string, AccountId>> {
  const rows = await db.selectFrom('rooms').select(['address', 'account']).execute();
  return new Map(rows.map(({ address, account }) => [address, account]));
}

async function writeRooms(trx: Trx, rooms: readonly ConfiguredRoom[]): Promise<void> {
  for (const { name, address, platform, account } of rooms)
    await trx
      .insertInto('rooms')
      .values({ key: address, address, name, platform, account, resolved: null, configured: 1 })
      .onConflict((c) => c.column('address').doUpdateSet({ name, account, configured: 1 }))
      .execute();
}

/**
 * The same for one account alone: the rooms of others belong to other processes, whose configuration may be another one.
 * `isOurs`: says whether a room belongs to it.
 */
export async function storeRoomsOfAccount(
  trx: Trx,
  rooms: readonly ConfiguredRoom[],
  isOurs: (room: Pick<ConfiguredRoom, 'account'>) => boolean,
): Promise<StoredRoom[]> {
  await writeRooms(trx, rooms);
  const stored = await trx
    .selectFrom('rooms')
    .select([...storedRoomColumns, 'configured'])
    .execute();
  const wanted = new Set(rooms.map(({ address }) => address));
  const [here, gone] = [[] as StoredRoom[], [] as number[]];
  for (const { configured: _, ...room } of stored.filter(isOurs))
    if (wanted.has(room.address)) here.push(room);
    else gone.push(room.id);
  await parkRooms(trx, gone);
  for (const ids of slices(here.map(({ id }) => id))) await unpark(trx).where('room_id', 'in', ids).execute();
  return here;
}

/** Most ids in one statement. */
const MOST_IDS = 10_000;

function* slices(ids: readonly number[]): Iterable<readonly number[]> {
  for (let at = 0; at < ids.length; at += MOST_IDS) yield ids.slice(at, at + MOST_IDS);
}

/**
 * Makes the rooms of a configuration that the store does not have yet, so that deliveries can be stored for them. Their accounts
 * take them in: until then nothing is sent there.
 */
export async function announceRooms(trx: Trx, rooms: readonly ConfiguredRoom[]): Promise<void> {
  const known = new Set((await trx.selectFrom('rooms').select('address').execute()).map(({ address }) => address));
  for (const { name, address, platform, account } of rooms.filter((room) => !known.has(room.address)))
    await trx
      .insertInto('rooms')
      .values({ key: address, address, name, platform, account, resolved: null, configured: 0 })
      .onConflict((c) => c.column('address').doNothing())
      .execute();
}

/** Parks the deliveries of rooms in effect whose account is in no configuration any more: no process works on them. */
export async function parkWithoutAccount(
  db: Database,
  hasAccount: (room: Pick<ConfiguredRoom, 'account'>) => boolean,
): Promise<void> {
  if ((await listRooms(db)).every(hasAccount)) return;
  await db.transaction().execute(async (trx) => {
    const gone = (await listRooms(trx)).filter((room) => !hasAccount(room));
    await parkRooms(
      trx,
      gone.map(({ id }) => id),
    );
  });
}

async function parkRooms(trx: Trx, gone: readonly number[]): Promise<void> {
  for (const ids of slices(gone)) {
    await trx.updateTable('rooms').set({ configured: 0 }).where('id', 'in', ids).execute();
    const waiting = trx.updateTable('deliveries').where('state', '=', sql.lit('waiting'));
    await waiting.set({ reason: 'parked' }).where('room_id', 'in', ids).execute();
  }
}

/** Returns the rooms that are in effect. */
export async function listRooms(db: Pick<Database, 'selectFrom'>): Promise<StoredRoom[]> {
  return db.selectFrom('rooms').select(storedRoomColumns).where('configured', '=', 1).execute();
}

/** Returns the ids of all rooms by their written addresses. */
export async function listAddresses(db: Database): Promise<readonly Pick<StoredRoom, 'id' | 'address'>[]> {
  return db.selectFrom('rooms').select(['id', 'address']).execute();
}

async function park(trx: Trx): Promise<void> {
  const gone = trx.selectFrom('rooms').select('id').where('configured', '=', 0);
  const here = trx.selectFrom('rooms').select('id').where('configured', '=', 1);
  const waiting = trx.updateTable('deliveries').where('state', '=', sql.lit('waiting'));
  await waiting.set({ reason: 'parked' }).where('room_id', 'in', gone).execute();
  await unpark(trx).where('room_id', 'in', here).execute();
}

/** Returns the update that lets parked deliveries go out, without its rooms. */
function unpark(trx: Trx) {
  const parked = trx.updateTable('deliveries').where('state', '=', sql.lit('waiting')).where('reason', '=', 'parked');
  return parked.set({ reason: null });
}

/**
 * Makes a room of an address that the configuration does not name; a known one is used again. What was parked when it left goes out, as
 * for a room that comes back into the configuration.
 */
export async function storeRoom(trx: Trx, { name, address, platform, account }: ConfiguredRoom): Promise<void> {
  const room = { name, address, platform, account };
  await trx
    .insertInto('rooms')
    .values({ ...room, key: address, resolved: null, configured: 1 })
    .onConflict((c) => c.column('address').doUpdateSet({ account, configured: 1 }))
    .execute();
  const { id } = await trx.selectFrom('rooms').select('id').where('address', '=', address).executeTakeFirstOrThrow();
  await unpark(trx).where('room_id', '=', id).execute();
}

/** Counts the parked deliveries, which are logged at the start. */
export async function countParked(db: Database): Promise<number> {
  const row = await db
    .selectFrom('deliveries')
    .select((s) => s.fn.countAll<number>().as('count'))
    .where('state', '=', sql.lit('waiting'))
    .where('reason', '=', 'parked')
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/**
 * Notes the resolved address and its account in one transaction; a room that is another one than before leaves the old one. Returns the
 * id of the room that stands for it: another one's if two written addresses turn out to be one room, to which everything that is to
 * be sent then goes, also if another account speaks there.
 */
export async function noteResolved(
  db: Database,
  room: StoredRoom,
  account: Account,
  resolved: string,
  now: number,
): Promise<number> {
  const key = `${room.platform}:${account.id}:${resolved}`;
  return db.transaction().execute(async (trx) => {
    const same = await trx
      .selectFrom('rooms')
      .select(['id', 'address', 'configured'])
      .where((e) =>
        e.or([
          e('key', '=', key),
          e.and([
            ...[e('platform', '=', room.platform), e('resolved', '=', resolved)],
            ...[e('account', '<>', room.account), e('configured', '=', 1)],
          ]),
        ]),
      )
      .where('id', '<>', room.id)
      .orderBy('configured', 'desc')
      .executeTakeFirst();
    if (same?.configured !== 1) {
      if (same !== undefined) await takeOver(trx, same, room.id, now);
      await trx.updateTable('rooms').set({ key, resolved }).where('id', '=', room.id).execute();
      if (room.resolved !== null && room.resolved !== resolved) await leaveRooms(trx, [room.id], now);
      return room.id;
    }
    if (room.resolved !== null && room.resolved !== resolved) {
      // A message that may be shown in the room that is left is not shown in the other one: it is made anew there.
      const pending = trx.selectFrom('sends').selectAll().where('room_id', '=', room.id);
      for (const send of await pending.where('state', '=', sql.lit('pending')).execute())
        await discard(trx, send, {}, now);
      await leaveRooms(trx, [room.id], now);
    }
    await handOver(trx, room, same.id, now);
    return same.id;
  });
}

/**
 * Hands what a room has to send over to another room of the configuration, since its address leads there: nothing else would send it. What
 * it shows stays with it, and so do its mutes.
 */
async function handOver(trx: Trx, room: StoredRoom, to: number, now: number): Promise<void> {
  await moveWaiting(trx, room.id, to, now);
  const there = trx.selectFrom('deliveries').select('event_id').where('room_id', '=', to);
  await trx
    .updateTable('deliveries')
    .set({ room_id: to })
    .where('room_id', '=', room.id)
    .where('state', 'in', ['planned', 'dead'])
    .where('event_id', 'not in', there)
    .execute();
  const unsent = trx.updateTable('messages').set({ room_id: to }).where('room_id', '=', room.id);
  await unsent.where('platform_id', 'is', null).execute();
  await trx
    .updateTable('sends')
    .set({ room_id: to })
    .where('room_id', '=', room.id)
    .where('state', 'in', ['pending', 'dead'])
    .execute();
  await moveCardsTo(trx, room.id, to);
  // Its key is free for a room of the configuration with that address.
  await trx.updateTable('rooms').set({ key: room.address, resolved: null }).where('id', '=', room.id).execute();
}

/** Notes that a room was replaced by another on its platform: its messages go there from now on, whatever address is written. */
export async function noteReplaced(
  db: Database,
  {
    account,
    from,
    to,
    now,
  }: { readonly account: AccountId; readonly from: string; readonly to: string; readonly now: number },
): Promise<void> {
  const written = `${platformOfAccount(account)}:${from}`;
  await db.transaction().execute(async (trx) => {
    const left = await trx
      .updateTable('rooms')
      .set({ resolved: to })
      .where('account', '=', account)
      .where((e) => e.or([e('resolved', '=', from), e.and([e('resolved', 'is', null), e('address', '=', written)])]))
      .returning('id')
      .execute();
    await leaveRooms(
      trx,
      left.map(({ id }) => id),
      now,
    );
  });
}

/**
 * Takes over the rows of a room for which the configuration writes another address than before: they belong to the new one, also sends
 * without an answer, since it is the same room and their keys still protect.
 */
async function takeOver(
  trx: Trx,
  old: { readonly id: number; readonly address: string },
  to: number,
  now: number,
): Promise<void> {
  await moveWaiting(trx, to, old.id, now);
  await trx.updateTable('messages').set({ room_id: to }).where('room_id', '=', old.id).execute();
  await trx.updateTable('sends').set({ room_id: to }).where('room_id', '=', old.id).execute();
  await moveCardsTo(trx, old.id, to);
  const here = await trx.selectFrom('rooms').select('address').where('id', '=', to).executeTakeFirstOrThrow();
  await trx.updateTable('subscriptions').set({ address: here.address }).where('address', '=', old.address).execute();
  await trx.updateTable('mutes').set({ room_id: to }).where('room_id', '=', old.id).execute();
  await trx.updateTable('quiet_hours').set({ room_id: to }).where('room_id', '=', old.id).execute();
  // These were cancelled here because the room got them under its other name: now there is one name.
  await trx
    .deleteFrom('deliveries')
    .where('room_id', '=', to)
    .where('state', '=', 'cancelled')
    .where('event_id', 'in', trx.selectFrom('deliveries').select('event_id').where('room_id', '=', old.id))
    .execute();
  const left = trx.updateTable('deliveries').where('room_id', '=', old.id);
  await left.set({ reason: null }).where('state', '=', sql.lit('waiting')).where('reason', '=', 'parked').execute();
  const there = trx.selectFrom('deliveries').select('event_id').where('room_id', '=', to);
  await left.set({ room_id: to }).where('event_id', 'not in', there).execute();
  // The key goes to the new address; the written one stands in, as before it was resolved.
  await trx.updateTable('rooms').set({ key: old.address }).where('id', '=', old.id).execute();
}

/** Gives the cards of a room to another, except those of subjects that it has a card of. */
async function moveCardsTo(trx: Trx, from: number, to: number): Promise<void> {
  const shown = trx.selectFrom('cards').select('subject').where('room_id', '=', to);
  const cards = trx.updateTable('cards').set({ room_id: to }).where('room_id', '=', from);
  await cards.where('subject', 'not in', shown).execute();
}

/** Moves the deliveries that wait in a room to another one, to which its address leads. Returns false if nothing waits. */
export async function moveStrays(db: Database, from: number, to: number, now: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const waiting = trx.selectFrom('deliveries').select('id').where('room_id', '=', from);
    if ((await waiting.where('state', '=', sql.lit('waiting')).limit(1).executeTakeFirst()) === undefined) return false;
    await moveWaiting(trx, from, to, now);
    return true;
  });
}

async function moveWaiting(trx: Trx, from: number, to: number, now: number): Promise<void> {
  const there = trx.selectFrom('deliveries').select('event_id').where('room_id', '=', to);
  const waiting = trx.updateTable('deliveries').where('room_id', '=', from).where('state', '=', sql.lit('waiting'));
  await waiting
    .set({ state: 'cancelled', reason: 'the same room under another name has it', settled_at: now })
    .where('event_id', 'in', there)
    .execute();
  await waiting.set({ room_id: to }).execute();
}

/** Notes that a room works again: the time in which it was broken does not count towards the 24 hours of earlier sends. */
export async function noteResumed(db: Database, roomId: number, now: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const tried = { last_attempt_at: now };
    await trx
      .updateTable('sends')
      .set(tried)
      .where('room_id', '=', roomId)
      .where('state', '=', sql.lit('pending'))
      .execute();
    await trx
      .updateTable('deliveries')
      .set(tried)
      .where('room_id', '=', roomId)
      .where('state', '=', sql.lit('waiting'))
      .where('last_attempt_at', 'is not', null)
      .execute();
  });
}
