import { findRoom } from '../commands/find-room.ts';
import { waitingIn } from '../commands/room-rows.ts';
import type { Config } from '../config/config.ts';
import { logLevelRoutes } from '../control/log-level.ts';
import { roomCommandRoute } from '../control/room-command.ts';
import { type ControlAnswer, type Route, refused } from '../control/route.ts';
import { statusRoute } from '../control/status.ts';
import { testRoute } from '../control/test-message.ts';
import { troublesRoute } from '../control/troubles.ts';
import { listRooms, type StoredRoom } from '../outbox/rows/rooms.ts';
import { reloadRoute } from '../reload/reload-route.ts';
import type { Reloader } from '../reload/reloader.ts';
import { listActiveMutes } from '../rooms/mute-rows.ts';
import { findNamedRoom } from '../rooms/named-room.ts';
import { lookAtStoreClock } from '../store/clock/store-clock.ts';
import { openExisting } from '../store/open-place.ts';
import type { StorePlace } from '../store/place.ts';
import { leaderUnit } from '../store/postgres/unit-names.ts';
import type { Database } from '../store/tables.ts';
import { wallAheadMs } from '../time/clock.ts';
import type { AccountId, Json } from '../words.ts';
import type { AppOptions } from './options.ts';
import { readGapsShown, unknownSource } from './read-status.ts';
import { leaderFactsOf } from './share.ts';
import type { AccountFacts, Unit } from './start-unit.ts';
import { testPartsOf } from './test-alone.ts';
import { unitOfAccount } from './units.ts';

/** The process as the command line asks it. */
export interface AskedProcess {
  readonly units: readonly Unit[];
  readonly reloader: Reloader | null;
  readonly config: () => Config;
  /** Returns the facts about a unit here or elsewhere; null: there are none. */
  factsOf(unit: string): Json;
  /** Lines about the processes and their units. */
  fleetLines(): readonly string[];
}

export interface UnitRoutesOptions extends AppOptions {
  readonly config: Config & { readonly store: StorePlace };
}

/** Returns everything that the command line may ask of a process with some of the units, or with none. */
export function unitRoutes(options: UnitRoutesOptions, process: AskedProcess): readonly Route[] {
  const { logLevel } = options;
  return [
    ...logLevelRoutes(logLevel),
    troublesRoute(logLevel),
    statusOfAll(options, process),
    inUnit('/command', options, process, ({ surfaces }, rooms) =>
      surfaces === null ? null : roomCommandRoute({ commands: surfaces.commands, rooms }),
    ),
    inUnit('/test', options, process, (unit, rooms) =>
      testRoute({ ...testPartsOf({ ...options, clock: unit.clock }, unit), rooms }),
    ),
    ...(process.reloader === null ? [] : [reloadRoute(process.reloader)]),
  ];
}

/** Opens the store beside the units for one question. */
async function withStore<T>({ config }: UnitRoutesOptions, ask: (db: Database) => Promise<T>): Promise<T> {
  const { db, close } = await openExisting(config.store);
  return ask(db).finally(close);
}

/** A route that the unit of a room answers, if it is here. */
function inUnit(
  path: string,
  options: UnitRoutesOptions,
  process: AskedProcess,
  routeOf: (unit: Unit, rooms: () => readonly StoredRoom[]) => Route | null,
): Route {
  return {
    method: 'POST',
    path,
    async handle(request): Promise<ControlAnswer> {
      const { room: word } = request.body as { readonly room: string };
      const rooms = await withStore(options, listRooms);
      const found = findNamedRoom(word, rooms);
      if (found.outcome === 'unknown') return refused(found.error);
      const name = unitOfAccount(found.room.account);
      const unit = process.units.find((one) => one.name === name);
      const route = unit === undefined ? null : routeOf(unit, () => rooms);
      if (route !== null) return route.handle(request);
      const holder = process.fleetLines().find((line) => line.startsWith(`${name}: `)) ?? `${name}: no process has it`;
      return refused(`another process works on this room, and answers for it (${holder})`);
    },
  };
}

/** `status` of all rooms: from rows, and from what the process of each unit wrote down about it. */
function statusOfAll(options: UnitRoutesOptions, process: AskedProcess): Route {
  const { version } = options;
  async function answer(db: Database, request: Parameters<Route['handle']>[0]): Promise<ControlAnswer> {
    const rooms = await listRooms(db);
    const mutes = Map.groupBy(await listActiveMutes(db, null), ({ roomId }) => roomId);
    const clock = process.units[0]?.clock ?? (await lookAtStoreClock({ db, clock: options.clock }));
    const timeZones = new Map(process.config().rooms.map(({ address, timeZone }) => [address, timeZone]));
    const byId = new Map(rooms.map((room) => [room.id, room]));
    const facts = new Map<AccountId, AccountFacts | null>();
    // Making the facts walks the rooms of the account.
    const factsOf = ({ account }: Pick<StoredRoom, 'account'>) => {
      const known = facts.get(account);
      if (known !== undefined) return known;
      const made = process.factsOf(unitOfAccount(account)) as AccountFacts | null;
      facts.set(account, made);
      return made;
    };
    const status = () => ({
      ...(leaderFactsOf(process.factsOf(leaderUnit)) ?? unknownSource),
      version,
      fleet: process.fleetLines(),
      trouble: (account: AccountId) => {
        const made = factsOf({ account });
        return made === null ? 'is not worked on by any process' : made.trouble;
      },
      connections: (account: AccountId) => factsOf({ account })?.connections ?? null,
      refusal(roomId: number) {
        const room = byId.get(roomId);
        return room === undefined ? null : (factsOf(room)?.refusals[roomId] ?? null);
      },
      encryption: async (account: AccountId, room: string) => {
        const unit = process.units.find(({ name }) => name === unitOfAccount(account));
        return (await unit?.delivery.outbox.accounts[0]?.adapter.describeEncryption(room)) ?? null;
      },
      gaps: () => readGapsShown(db, clock.wall()),
    });
    const route = statusRoute({
      status: {
        status,
        waiting: (roomId) => waitingIn(db, roomId),
        holding: (roomId) => mutes.get(roomId) ?? [],
      },
      rooms: () => rooms,
      async findRoom(place) {
        const found = await findRoom(db, place, (address) => timeZones.get(address) ?? 'UTC');
        return { ...found, masksOffensive: false, wallAheadMs: wallAheadMs(clock) };
      },
    });
    return route.handle(request);
  }
  return {
    method: 'GET',
    path: '/status',
    handle: (request) => withStore(options, (db) => answer(db, request)),
  };
}
