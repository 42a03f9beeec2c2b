import { isDeepStrictEqual } from 'node:util';
import type { QuietRule } from '../config/config.ts';
import { parseDays, parseHours } from '../config/parse-quiet-hours.ts';
import type { Log } from '../log.ts';
import type { Database, Trx } from '../store/tables.ts';
import type { IsOurs } from './mute-rows.ts';

/** Quiet hours of a room, and their origin. */
export interface RoomQuiet extends QuietRule {
  /** The row of those made by a command; null: they are in the configuration. */
  readonly stored: { readonly id: number; readonly author: string } | null;
}

/** Quiet hours to be stored, in the form in which people write them. */
export interface NewQuiet {
  readonly roomId: number;
  /** `22:00-07:00` */
  readonly hours: string;
  /** `mon-fri` */
  readonly days: string;
  /** IANA name; null: the time zone of the room. */
  readonly timeZone: string | null;
  /** Event specs; null: all events, none. */
  readonly events: string | null;
  readonly except: string | null;
  readonly author: string;
  /** Unix milliseconds. */
  readonly now: number;
}

/** The quiet hours of all rooms. Rows are written in the caller's transaction; call `load` after its commit. */
export interface QuietRules {
  /** Reads those made by commands from the store. */
  load(): Promise<void>;
  /** Returns the quiet hours of a room, those of the configuration first. */
  ofRoom(roomId: number): readonly RoomQuiet[];
  /** Returns the quiet hours of all rooms that have some, by the id of the room: the same array for a room until its own are changed. */
  byRoom(): ReadonlyMap<number, readonly RoomQuiet[]>;
  /** Returns the id of the quiet hours. */
  add(trx: Trx, quiet: NewQuiet): Promise<number>;
  remove(trx: Trx, id: number): Promise<void>;
}

/** The quiet hours of the configuration, and the time zones of its rooms, by the present id of the room. */
export interface ConfiguredQuiet {
  readonly quiet: ReadonlyMap<number, readonly QuietRule[]>;
  readonly timeZones: ReadonlyMap<number, string>;
}

export interface QuietRulesOptions {
  readonly db: Database;
  /** Returns true if the quiet hours of a room belong to this process; null: all do. */
  readonly isOurs: IsOurs | null;
  /** Returns the same object until something in it changes. */
  readonly configured: () => ConfiguredQuiet;
  readonly log: Log;
}

type StoredQuiet = Omit<RoomQuiet, 'timeZone'> & { readonly roomId: number; readonly timeZone: string | null };

/** The quiet hours of all rooms, and those of the file and of the store that they were found from. */
interface Found {
  readonly ofFile: ConfiguredQuiet;
  readonly ofStore: ReadonlyMap<number, readonly StoredQuiet[]>;
  readonly rooms: ReadonlyMap<number, readonly RoomQuiet[]>;
}

/** Returns the array of before if it says the same: then nothing is computed anew for its room. */
function keepSame(before: readonly RoomQuiet[] | undefined, now: readonly RoomQuiet[]): readonly RoomQuiet[] {
  return before !== undefined && isDeepStrictEqual(before, now) ? before : now;
}

export function createQuietRules({ db, isOurs, configured, log }: QuietRulesOptions): QuietRules {
  let stored: ReadonlyMap<number, readonly StoredQuiet[]> = new Map();

  const allRows = () => db.selectFrom('quiet_hours').selectAll().orderBy('id').execute();
  const rowsWithRooms = () =>
    db
      .selectFrom('quiet_hours as q')
      .innerJoin('rooms as r', 'r.id', 'q.room_id')
      .selectAll('q')
      .select('r.account')
      .orderBy('q.id')
      .execute();

  async function load(): Promise<void> {
    const rows = isOurs === null ? await allRows() : (await rowsWithRooms()).filter(isOurs);
    const read = rows.flatMap((row) => {
      const hours = parseHours(row.hours);
      const days = parseDays(row.days);
      const { id, room_id: roomId, timezone, events, except, author } = row;
      if (hours.outcome === 'problem' || days.outcome === 'problem') {
        log.error({ quiet: id }, `quiet hours q${id} cannot be read and are inactive: ${row.hours} ${row.days}`);
        return [];
      }
      const rule = { ...hours.hours, days: days.days, events, except, stored: { id, author } };
      return [{ ...rule, roomId, timeZone: timezone }];
    });
    stored = Map.groupBy(read, ({ roomId }) => roomId);
  }

  const findRoom = (roomId: number, { quiet, timeZones }: ConfiguredQuiet): readonly RoomQuiet[] => [
    ...(quiet.get(roomId) ?? []).map((rule) => ({ ...rule, stored: null })),
    ...(stored.get(roomId) ?? []).map(({ roomId: _, ...rule }) => ({
      ...rule,
      // A room that a command made is not in the configuration.
      timeZone: rule.timeZone ?? timeZones.get(roomId) ?? 'UTC',
    })),
  ];

  let last: Found | null = null;
  /** They are asked for every few seconds, and seldom change. */
  function byRoom(): ReadonlyMap<number, readonly RoomQuiet[]> {
    const ofFile = configured();
    if (last?.ofFile === ofFile && last.ofStore === stored) return last.rooms;
    const ids = [...ofFile.quiet.keys(), ...stored.keys()];
    const rooms = new Map(ids.map((roomId) => [roomId, keepSame(last?.rooms.get(roomId), findRoom(roomId, ofFile))]));
    last = { ofFile, ofStore: stored, rooms };
    return rooms;
  }

  return {
    load,
    ofRoom: (roomId) => byRoom().get(roomId) ?? [],
    byRoom,
    async add(trx, { roomId, timeZone, now, ...rest }) {
      const row = { ...rest, room_id: roomId, timezone: timeZone, created_at: now };
      const { id } = await trx.insertInto('quiet_hours').values(row).returning('id').executeTakeFirstOrThrow();
      return id;
    },
    async remove(trx, id) {
      await trx.deleteFrom('quiet_hours').where('id', '=', id).execute();
    },
  };
}
