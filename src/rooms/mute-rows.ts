import { inChunks } from '../store/in-chunks.ts';
import type { Database, Trx } from '../store/tables.ts';
import type { AccountId } from '../words.ts';
import { type ActiveMute, quietHours } from './active-mute.ts';

export type NewMute = Omit<ActiveMute, 'id'> & {
  /** Unix milliseconds. */
  readonly now: number;
};

const columns = ['id', 'room_id as roomId', 'events', 'where', 'except', 'until', 'author', 'reason'] as const;

/** Returns true if a room belongs to this process. Rooms of other accounts may belong to others. */
export type IsOurs = (room: { readonly account: AccountId }) => boolean;

const active = (db: Database) =>
  db
    .selectFrom('mutes as m')
    .leftJoin('rooms as r', 'r.id', 'm.room_id')
    .select(['m.id', 'm.room_id as roomId', 'm.events', 'm.where', 'm.except', 'm.until', 'm.author', 'm.reason'])
    .select('r.account')
    .where('m.ended_at', 'is', null);

type OfAccount = ActiveMute & { readonly account: AccountId | null };

const ours = (rows: readonly OfAccount[], isOurs: IsOurs | null): ActiveMute[] =>
  rows
    .filter(({ account }) => isOurs === null || (account !== null && isOurs({ account })))
    .map(({ account: _, ...mute }) => mute);

/** Returns the mutes that were not ended, oldest first; of all rooms, or of ours alone. */
export async function listActiveMutes(db: Database, isOurs: IsOurs | null): Promise<ActiveMute[]> {
  return ours(await active(db).orderBy('m.id').execute(), isOurs);
}

interface OfRoom {
  readonly roomId: number;
}

const activeOfRooms = inChunks((db, rows: readonly OfRoom[]) =>
  active(db).where(
    'm.room_id',
    'in',
    rows.map(({ roomId }) => roomId),
  ),
);

/** Returns the mutes of some rooms that were not ended, oldest first; of those rooms that are ours. */
export async function listActiveMutesOf(
  db: Database,
  isOurs: IsOurs | null,
  roomIds: readonly number[],
): Promise<ActiveMute[]> {
  const rows = await activeOfRooms.all(
    db,
    roomIds.map((roomId) => ({ roomId })),
  );
  return ours(rows, isOurs).sort((a, b) => a.id - b.id);
}

interface OfRoomAt extends OfRoom {
  /** Unix milliseconds. */
  readonly now: number;
}

/** Two queries in one: each reads few rows by an index, and one with `or` would read all that a room has ever had. */
const quietOfRooms = inChunks((db, rows: readonly OfRoomAt[]) => {
  const quiet = db
    .selectFrom('mutes')
    .select(['id', 'room_id as roomId', 'events', 'except', 'until', 'ended_at'])
    .where(
      'room_id',
      'in',
      rows.map(({ roomId }) => roomId),
    )
    .where('author', '=', quietHours);
  const endedEarly = quiet.where('until', '>', rows[0]!.now).where('ended_by', '<>', 'time');
  return quiet.where('ended_at', 'is', null).unionAll(endedEarly);
});

/** Returns the mutes of rooms' quiet hours that were not ended, or that a person ended before their time was over, oldest first. */
export async function listQuietMutes(db: Database, roomIds: readonly number[], now: number) {
  const rows = await quietOfRooms.all(
    db,
    roomIds.map((roomId) => ({ roomId, now })),
  );
  return rows.map(({ ended_at, ...mute }) => ({ ...mute, isEnded: ended_at !== null })).sort((a, b) => a.id - b.id);
}

/** Returns the mutes of a room that had an exception and held at an instant, oldest first. */
export async function listExceptionsAt(db: Database, roomId: number, at: number): Promise<ActiveMute[]> {
  return db
    .selectFrom('mutes')
    .select(columns)
    .where('room_id', '=', roomId)
    .where('except', 'is not', null)
    .where('created_at', '<=', at)
    .where('until', '>', at)
    .where((e) => e.or([e('ended_at', 'is', null), e('ended_at', '>', at)]))
    .orderBy('id')
    .execute();
}

/** Returns the id of the new mute. */
export async function insertMute(trx: Trx, mute: NewMute): Promise<number> {
  const { id } = await trx.insertInto('mutes').values(rowOf(mute)).returning('id').executeTakeFirstOrThrow();
  return id;
}

const insertion = inChunks((db, mutes: readonly NewMute[]) => db.insertInto('mutes').values(mutes.map(rowOf)));

export async function insertMutes(trx: Trx, mutes: readonly NewMute[]): Promise<void> {
  await insertion.all(trx, mutes);
}

function rowOf({ roomId, events, where, except, until, author, reason, now }: NewMute) {
  const stored = { room_id: roomId, events, where, except, until, author, reason };
  return { ...stored, created_at: now, ended_at: null, ended_by: null };
}

/** Moves the end of a mute. `reason` null: it keeps its own. Returns false if the mute has ended. */
export async function extendMuteRow(trx: Trx, id: number, until: number, reason: string | null): Promise<boolean> {
  const extended = await trx
    .updateTable('mutes')
    .set({ until, ...(reason !== null && { reason }) })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return extended.numUpdatedRows > 0n;
}

/** Returns the mutes of a room that ended together: with the mute of that id, or the last that ended; none if there are none. */
export async function listEndedTogether(db: Database, roomId: number, id: number | null): Promise<ActiveMute[]> {
  let last = db.selectFrom('mutes').select('ended_at').where('room_id', '=', roomId).where('ended_at', 'is not', null);
  if (id !== null) last = last.where('id', '=', id);
  const found = await last.orderBy('ended_at', 'desc').limit(1).executeTakeFirst();
  if (found === undefined) return [];
  return db
    .selectFrom('mutes')
    .select(columns)
    .where('room_id', '=', roomId)
    .where('ended_at', '=', found.ended_at)
    .orderBy('id')
    .execute();
}

/** Returns false if the mute was ended before. */
export async function endMuteRow(trx: Trx, id: number, by: string, now: number): Promise<boolean> {
  const ended = await trx
    .updateTable('mutes')
    .set({ ended_at: now, ended_by: by })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return ended.numUpdatedRows > 0n;
}

/** Returns the ids of a room's mutes that were not ended, also in this transaction, and whose time is not over. */
export async function activeMuteIds(trx: Trx, roomId: number, now: number): Promise<ReadonlySet<number>> {
  const rows = await trx
    .selectFrom('mutes')
    .select('id')
    .where('room_id', '=', roomId)
    .where('ended_at', 'is', null)
    .where('until', '>', now)
    .execute();
  return new Set(rows.map((row) => row.id));
}
