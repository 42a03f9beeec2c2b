import { sql } from 'kysely';
import { slices } from '../../store/slices.ts';
import type { Database, Trx } from '../../store/tables.ts';
import type { AccountId, PlatformName } from '../../words.ts';

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
  await writeRooms(trx, rooms, true);
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

/**
 * Puts rooms into effect with the name and the account that they have in a configuration. `evenOfOthers`: false leaves out those that
 * another account has: that one, in another process, parks them first, so that two workers never send the messages of a room. Returns
 * the number of rooms that were written.
 */
async function writeRooms(trx: Trx, rooms: readonly ConfiguredRoom[], evenOfOthers: boolean): Promise<number> {
  let written = 0;
  for (const some of slices(byAddress(rooms), MOST_ROOMS)) {
    const ids = await trx
      .insertInto('rooms')
      .values(some.map((room) => ({ ...rowOf(room), configured: 1 })))
      .onConflict((c) => {
        const update = c
          .column('address')
          .doUpdateSet((e) => ({ name: e.ref('excluded.name'), account: e.ref('excluded.account'), configured: 1 }));
        if (evenOfOthers) return update;
        return update.where((e) =>
          e.or([e('rooms.account', '=', e.ref('excluded.account')), e('rooms.configured', '=', 0)]),
        );
      })
      .returning('id')
      .execute();
    written += ids.length;
  }
  return written;
}

/** Each address once: a statement writes a row once. The last name of a room counts. */
const byAddress = (rooms: readonly ConfiguredRoom[]): readonly ConfiguredRoom[] => [
  ...new Map(rooms.map((room) => [room.address, room])).values(),
];

const rowOf = ({ name, address, platform, account }: ConfiguredRoom) => ({
  ...{ key: address, address, name, platform, account },
  resolved: null,
});

/**
 * The same as `storeRoomsIn` for one account alone: the rooms of others belong to other processes, whose configuration may be another one.
 * `isOurs`: says whether a room belongs to it. A room that another account still has is not among the returned ones.
 */
export async function storeRoomsOfAccount(
  trx: Trx,
  rooms: readonly ConfiguredRoom[],
  isOurs: (room: Pick<ConfiguredRoom, 'account'>) => boolean,
): Promise<StoredRoom[]> {
  await writeRooms(trx, rooms, false);
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
  for (const ids of slices(
    here.map(({ id }) => id),
    MOST_IDS,
  ))
    await unpark(trx).where('room_id', 'in', ids).execute();
  return here;
}

/** Most ids in one statement. */
const MOST_IDS = 10_000;

/** Most rooms in one statement: SQLite takes 32,766 parameters. */
const MOST_ROOMS = 1_000;

/**
 * Makes the rooms of a configuration that the store does not have yet, so that deliveries can be stored for them. Their accounts
 * take them in: until then nothing is sent there.
 */
export async function announceRooms(trx: Trx, rooms: readonly ConfiguredRoom[]): Promise<void> {
  const known = new Set((await trx.selectFrom('rooms').select('address').execute()).map(({ address }) => address));
  for (const some of slices(
    byAddress(rooms).filter((room) => !known.has(room.address)),
    MOST_ROOMS,
  ))
    await trx
      .insertInto('rooms')
      .values(some.map((room) => ({ ...rowOf(room), configured: 0 })))
      .onConflict((c) => c.column('address').doNothing())
      .execute();
}

/** Parks the deliveries of rooms in effect whose account is in no configuration any more: no process works on them. */
export async function parkWithoutAccount(
  db: Database,
  hasAccount: (room: Pick<ConfiguredRoom, 'account'>) => boolean,
): Promise<void> {
  const accounts = db.selectFrom('rooms').select('account').distinct().where('configured', '=', 1);
  if ((await accounts.execute()).every(hasAccount)) return;
  await db.transaction().execute(async (trx) => {
    const gone = (await listRooms(trx)).filter((room) => !hasAccount(room));
    await parkRooms(
      trx,
      gone.map(({ id }) => id),
    );
  });
}

async function parkRooms(trx: Trx, gone: readonly number[]): Promise<void> {
  for (const ids of slices(gone, MOST_IDS)) {
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
  // Those that were parked at an earlier start stay as they are.
  const notYet = waiting.where((e) => e.or([e('reason', 'is', null), e('reason', '<>', sql.lit('parked'))]));
  await notYet.set({ reason: 'parked' }).where('room_id', 'in', gone).execute();
  await unpark(trx).where('room_id', 'in', here).execute();
}

/** Returns the update that lets parked deliveries go out, without its rooms. */
export function unpark(trx: Trx) {
  const parked = trx
    .updateTable('deliveries')
    .where('state', '=', sql.lit('waiting'))
    .where('reason', '=', sql.lit('parked'));
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

/** The same for one account alone. Returns false, and changes nothing, if another account has the room. */
export async function takeRoom(trx: Trx, room: ConfiguredRoom): Promise<boolean> {
  if ((await writeRooms(trx, [room], false)) === 0) return false;
  const rows = trx.selectFrom('rooms').select('id').where('address', '=', room.address);
  await unpark(trx).where('room_id', 'in', rows).execute();
  return true;
}

/** Counts the parked deliveries, which are logged at the start. */
export async function countParked(db: Database): Promise<number> {
  const row = await db
    .selectFrom('deliveries')
    .select((s) => s.fn.countAll<number>().as('count'))
    .where('state', '=', sql.lit('waiting'))
    .where('reason', '=', sql.lit('parked'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
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
