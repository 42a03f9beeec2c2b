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
  /** Returns the quiet hours of all rooms that have some, by the id of the room. */
  byRoom(): ReadonlyMap<number, readonly RoomQuiet[]>;
  /** Returns the id of the quiet hours. */
  add(trx: Trx, quiet: NewQuiet): Promise<number>;
  remove(trx: Trx, id: number): Promise<void>;
}

export interface QuietRulesOptions {
  readonly db: Database;
  /** Returns true if the quiet hours of a room belong to this process; null: all do. */
  readonly isOurs: IsOurs | null;
  /** Returns the quiet hours of the configuration by the present id of their room. */
  readonly configured: () => ReadonlyMap<number, readonly QuietRule[]>;
  /** Returns the time zone of a room. */
  readonly timeZoneOf: (roomId: number) => string;
  readonly log: Log;
}

type StoredQuiet = Omit<RoomQuiet, 'timeZone'> & { readonly roomId: number; readonly timeZone: string | null };

export function createQuietRules({ db, isOurs, configured, timeZoneOf, log }: QuietRulesOptions): QuietRules {
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

  const ofRoom = (roomId: number, ofFile = configured()): readonly RoomQuiet[] => [
    ...(ofFile.get(roomId) ?? []).map((rule) => ({ ...rule, stored: null })),
    ...(stored.get(roomId) ?? []).map(({ roomId: _, ...rule }) => ({
      ...rule,
      timeZone: rule.timeZone ?? timeZoneOf(roomId),
    })),
  ];

  return {
    load,
    ofRoom: (roomId) => ofRoom(roomId),
    byRoom() {
      const ofFile = configured();
      return new Map([...ofFile.keys(), ...stored.keys()].map((roomId) => [roomId, ofRoom(roomId, ofFile)]));
    },
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
