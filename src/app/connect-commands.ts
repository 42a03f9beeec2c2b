import { formatEventSpec } from '../catalogue/event-spec.ts';
import { type Commands, createCommands } from '../commands/commands.ts';
import { findRoom } from '../commands/find-room.ts';
import { exampleOf } from '../commands/preview-example.ts';
import { eventsLike, waitingIn } from '../commands/room-rows.ts';
import type { Status } from '../commands/status.ts';
import { createTable } from '../commands/table.ts';
import type { Config, RoomConfig } from '../config/config.ts';
import type { PlatformRules } from '../config/platform.ts';
import type { Log } from '../log.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { RoomDirectory } from '../outbox/room-directory.ts';
import { storeRoom } from '../outbox/rows/rooms.ts';
import type { Renderer } from '../render/renderer.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import type { Mutes } from '../rooms/mutes.ts';
import type { QuietRules } from '../rooms/quiet-rules.ts';
import type { Database } from '../store/tables.ts';
import { readPost } from '../subject-rows/known-post.ts';
import { readDetails } from '../subject-rows/read-details.ts';
import { knownOf } from '../subjects/card-values.ts';
import { foldPost } from '../subjects/fold-post.ts';
import type { Event } from '../words.ts';
import { cardTemplate } from './draw-messages.ts';

export interface RoomCommandsOptions {
  readonly config: Config;
  readonly platforms: readonly PlatformRules[];
  readonly db: Database;
  readonly live: LiveSubscriptions;
  readonly mutes: Mutes;
  readonly quiet: QuietRules;
  readonly directory: RoomDirectory;
  readonly outbox: Pick<Outbox, 'addRoom'>;
  readonly renderer: Renderer;
  /** Requests these events from the source from now on, an event spec. */
  readonly ask: (events: string) => void;
  readonly status: () => Status;
  readonly now: () => number;
  /** Returns sample messages of the source. `now`: Unix milliseconds. */
  readonly samples: (now: number) => Promise<Iterable<unknown>>;
  readonly log: Log;
}

/** Creates the commands and connects them to everything that they read and change. */
export function createRoomCommands(options: RoomCommandsOptions): Commands {
  const { config, platforms, db, mutes, quiet, directory, outbox, now, log } = options;
  const configured = new Map(config.rooms.map((room) => [room.address, room]));
  const { catalogue, templates } = config;

  /** Two names in the configuration may resolve to one room. */
  const namesOf = (address: string) => {
    const id = directory.roomId(address);
    const same = config.rooms
      .map((room) => room.address)
      .filter((each) => id !== undefined && directory.roomId(each) === id);
    return [...new Set([address, ...same])];
  };
  const live: LiveSubscriptions = {
    ...options.live,
    ofRoom: (address) => namesOf(address).flatMap((name) => options.live.ofRoom(name)),
    brokenIn: (address) => namesOf(address).flatMap((name) => options.live.brokenIn(name)),
  };

  const changed = async () => options.ask(formatEventSpec(live.router.union));
  const mutesChanged = async (roomId: number) => {
    await mutes.changed(roomId);
    directory.wake([roomId]);
  };
  const table = createTable({
    subscriptions: {
      catalogue,
      hasApi: config.source.api !== null,
      templates,
      live,
      perRoom: config.commands.perRoom,
      rooms: config.commands.rooms,
      openRoom: (trx, room) => storeRoom(trx, room),
      async changed(room) {
        const stored = await db.selectFrom('rooms').selectAll().where('address', '=', room.address).executeTakeFirst();
        if (stored !== undefined && directory.roomId(room.address) === undefined) outbox.addRoom(stored);
        await changed();
      },
      holding: mutes.holding,
      quietOf: quiet.ofRoom,
    },
    mutes: {
      catalogue,
      holding: mutes.holding,
      subscriptions: live.ofRoom,
      tooMuch: mutes.tooMuch,
      add: mutes.add,
      end: mutes.end,
      changed: mutesChanged,
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
    status: { status: options.status, waiting: (roomId) => waitingIn(db, roomId), holding: mutes.holding },
    preview: {
      templates,
      example: (template, subject, room) => exampleOf(options, template, subject, room),
      async render(event, template, room) {
        const { name, platform, timeZone } = room;
        const isOfCards =
          template === cardTemplate ||
          live.ofRoom(room.address).some((one) => one.template === template && one.options.isCard);
        const known = isOfCards ? await knownAbout(db, event) : {};
        return options.renderer.render(event, template, { now: now(), room: { name, platform, timeZone } }, known);
      },
    },
    why: { db, live, catalogue, platforms },
  });
  return createCommands({
    db,
    table,
    async findRoom(invocation) {
      const room = await findRoom(db, invocation, (address) => configured.get(address)?.timeZone ?? 'UTC');
      return { ...room, id: directory.roomId(room.address) ?? room.id };
    },
    completion: { catalogue, templates, subscriptions: live.ofRoom, mutes: mutes.holding, quiet: quiet.ofRoom },
    platforms,
    changersOf: (room) =>
      changersOf(
        namesOf(room.address).flatMap((name) => configured.get(name) ?? []),
        config,
      ),
    now,
    log,
  });
}

function changersOf(rooms: readonly RoomConfig[], { commands }: Config) {
  const users = rooms.flatMap((room) => room.commands.users);
  const roles = rooms.flatMap((room) => room.commands.roles);
  const power = rooms.find((room) => room.commands.power !== null)?.commands.power ?? null;
  return { users: [...users, ...commands.users], roles, servers: commands.servers, power };
}

/** Returns the values that a card of an event's subject would show. */
async function knownAbout(db: Database, event: Event) {
  const { state: known } = await readPost(db, event.subject);
  const state = Object.keys(known.row).length === 0 ? foldPost([event]) : known;
  return knownOf(state, await readDetails(db, event.subject, state));
}
