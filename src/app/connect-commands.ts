import { accountsOf } from '../account-id.ts';
import { formatEventSpec } from '../catalogue/event-spec.ts';
import type { Everywhere } from '../commands/answer-command.ts';
import { type Commands, createCommands } from '../commands/commands.ts';
import { findRoom } from '../commands/find-room.ts';
import { eventsLike } from '../commands/room-rows.ts';
import type { KnownSite } from '../commands/site-doubts.ts';
import type { StatusParts } from '../commands/status.ts';
import { createTable, type TableParts } from '../commands/table.ts';
import type { Config, RoomConfig } from '../config/config.ts';
import { type CurrentConfig, perConfig } from '../config/per-config.ts';
import { type PlatformRules, platformOf } from '../config/platform.ts';
import type { Log } from '../log.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { RoomDirectory } from '../outbox/room-directory.ts';
import { takeRoom } from '../outbox/rows/rooms.ts';
import { releaseMuted } from '../outbox/rows/settle.ts';
import type { Renderer } from '../render/renderer.ts';
import { readHeldBack } from '../rooms/held-back.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import type { MaskedRooms } from '../rooms/masked-rooms.ts';
import { listEndedTogether } from '../rooms/mute-rows.ts';
import type { Mutes } from '../rooms/mutes.ts';
import type { QuietRules } from '../rooms/quiet-rules.ts';
import type { Database } from '../store/tables.ts';
import { type Clock, wallAheadMs } from '../time/clock.ts';
import { createNamesOf, liveOfAllNames } from './names-of-a-room.ts';
import { previewParts } from './preview-parts.ts';

export interface RoomCommandsOptions {
  readonly config: CurrentConfig;
  readonly platforms: readonly PlatformRules[];
  readonly db: Database;
  readonly live: LiveSubscriptions;
  readonly mutes: Mutes;
  readonly quiet: QuietRules;
  readonly directory: RoomDirectory;
  readonly outbox: Pick<Outbox, 'accounts' | 'addRoom' | 'worker'>;
  readonly renderer: Renderer;
  readonly masked: MaskedRooms;
  /** Requests these events from the source from now on, an event spec. */
  readonly ask: (events: string) => void;
  readonly status: StatusParts;
  readonly everywhere: Everywhere | null;
  /** The sites that are known. */
  readonly sites: () => readonly KnownSite[];
  readonly clock: Clock;
  /** Returns sample messages of the source. `now`: Unix milliseconds. */
  readonly samples: (now: number) => Promise<Iterable<unknown>>;
  readonly log: Log;
}

/** Creates the commands and connects them to everything that they read and change. */
export function createRoomCommands(options: RoomCommandsOptions): Commands {
  const { config, platforms, db, mutes, quiet, directory, clock, log } = options;
  const { catalogue } = config();
  const configured = perConfig(config, ({ rooms }) => new Map(rooms.map((room) => [room.address, room])));
  const namesOf = createNamesOf(() => config().rooms, directory);
  const live = liveOfAllNames(options.live, namesOf);
  const table = perConfig(config, (now) => createTable(tableParts(options, now, live)));
  return createCommands({
    db,
    get table() {
      return table();
    },
    async findRoom(invocation) {
      const found = await findRoom(db, invocation, (address) => configured().get(address)?.timeZone ?? 'UTC');
      const room = { ...found, wallAheadMs: wallAheadMs(clock) };
      const id = directory.roomId(room.address) ?? room.id;
      return { ...room, id, masksOffensive: id !== null && options.masked().has(id) };
    },
    completion: {
      catalogue,
      sites: options.sites,
      get templates() {
        return config().templates;
      },
      subscriptions: live.ofRoom,
      mutes: mutes.holding,
      quiet: quiet.ofRoom,
    },
    platforms,
    hasSeveral: (platform) => accountsOf(config().chats, platform).length > 1,
    everywhere: options.everywhere,
    changersOf: ({ address }) =>
      changersOf(
        namesOf(address).flatMap((name) => configured().get(name) ?? []),
        config(),
      ),
    now: () => clock.now(),
    log,
  });
}

/** Returns what each command works on. `live`: the subscriptions of a room under all its names. */
function tableParts(options: RoomCommandsOptions, config: Config, live: LiveSubscriptions): TableParts {
  const { platforms, db, mutes, quiet, directory, outbox, sites } = options;
  const { catalogue, templates } = config;
  const target = { catalogue, platforms, links: config.source.kind.links };
  return {
    subscriptions: {
      catalogue,
      sites,
      hasApi: config.source.api !== null,
      templates,
      live,
      perRoom: config.commands.perRoom,
      rooms: config.commands.rooms,
      async openRoom(trx, room) {
        await takeRoom(trx, room);
      },
      async begin(room) {
        const stored = await db.selectFrom('rooms').selectAll().where('address', '=', room.address).executeTakeFirst();
        // A reload may have ended the room, and the directory still knows it.
        if (stored === undefined || outbox.worker(stored.id) !== undefined) return;
        // Another account, in another process, may have it.
        if (!outbox.accounts.some(({ id }) => id === stored.account)) return;
        // It may have been muted while it was another account's.
        await mutes.changed(stored.id);
        outbox.addRoom(stored);
      },
      async changed() {
        options.ask(formatEventSpec(live.router.union));
      },
      holding: mutes.holding,
      quietOf: quiet.ofRoom,
    },
    mutes: {
      catalogue,
      sites,
      holding: mutes.holding,
      subscriptions: live.ofRoom,
      tooMuch: mutes.tooMuch,
      add: mutes.add,
      extend: mutes.extend,
      isRoom: (name, { platform }) =>
        platformOf(platforms, platform).people.trusted !== null &&
        config.rooms.some((room) => room.name.toLowerCase() === name.toLowerCase()),
      end: mutes.end,
      async changed(roomId) {
        await mutes.changed(roomId);
        directory.wake([roomId]);
      },
      like: (roomId, platformId) => eventsLike(db, roomId, platformId),
    },
    quiet: {
      catalogue,
      subscriptions: live.ofRoom,
      quietOf: quiet.ofRoom,
      addQuiet: quiet.add,
      removeQuiet: quiet.remove,
      quietChanged: quiet.load,
    },
    status: options.status,
    preview: previewParts({ ...options, config }, live),
    why: { db, live, ...target },
    show: {
      ...{ db, ...target },
      held: {
        holding: mutes.holding,
        ended: (roomId, id) => listEndedTogether(db, roomId, id),
        heldBack: (some) => readHeldBack(db, some, { links: config.source.kind.links, masked: options.masked }),
        release: (trx, ids, at) => releaseMuted(trx, ids.map(String), at),
        wake: (roomId) => directory.wake([roomId]),
      },
    },
  };
}

function changersOf(rooms: readonly RoomConfig[], { commands }: Config) {
  const users = rooms.flatMap((room) => room.commands.users);
  const roles = rooms.flatMap((room) => room.commands.roles);
  const power = rooms.find((room) => room.commands.power !== null)?.commands.power ?? null;
  return { users: [...users, ...commands.users], roles, servers: commands.servers, power };
}
