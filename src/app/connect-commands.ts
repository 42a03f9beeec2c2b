import { sql } from 'kysely';
import type { CommandRoom } from '../commands/command-room.ts';
import { type Commands, createCommands } from '../commands/commands.ts';
import { findRoom } from '../commands/find-room.ts';
import type { Status } from '../commands/status.ts';
import { createTable } from '../commands/table.ts';
import type { Config, RoomConfig } from '../config/config.ts';
import type { PlatformRules } from '../config/platform.ts';
import { sampleStory } from '../hub/samples/story.ts';
import type { WireEvent } from '../hub/wire-event.ts';
import type { Log } from '../log.ts';
import { decode } from '../metasmoke/decode.ts';
import { formatEventSpec } from '../metasmoke/event-spec.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { RoomDirectory } from '../outbox/room-directory.ts';
import { storeRoom } from '../outbox/rows/rooms.ts';
import type { Renderer } from '../render/renderer.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import type { Mutes } from '../rooms/mutes.ts';
import { readOptions } from '../router/subscription-options.ts';
import { statement } from '../store/statement.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Database } from '../store/tables.ts';
import { readPost } from '../subject-rows/known-post.ts';
import { readDetails } from '../subject-rows/read-details.ts';
import { knownOf } from '../subjects/card-values.ts';
import { sourceLost } from '../subjects/derive.ts';
import { foldPost } from '../subjects/fold-post.ts';
import type { Event } from '../words.ts';
import { cardTemplate } from './draw-messages.ts';

export interface RoomCommandsOptions {
  readonly config: Config;
  readonly platforms: readonly PlatformRules[];
  readonly db: Database;
  readonly live: LiveSubscriptions;
  readonly mutes: Mutes;
  readonly directory: RoomDirectory;
  readonly outbox: Pick<Outbox, 'addRoom'>;
  readonly renderer: Renderer;
  /** What the source is asked for from now on. */
  readonly ask: (events: string) => void;
  readonly status: () => Status;
  readonly now: () => number;
  readonly log: Log;
}

/** The commands, connected to everything that they read and change. */
export function createRoomCommands(options: RoomCommandsOptions): Commands {
  const { config, platforms, db, mutes, directory, outbox, now, log } = options;
  const configured = new Map(config.rooms.map((room) => [room.address, room]));
  const { catalogue, templates } = config;

  /** Two names in the configuration may turn out to be one room. */
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
    },
    mutes: {
      catalogue,
      holding: mutes.holding,
      tooMuch: mutes.tooMuch,
      add: mutes.add,
      end: mutes.end,
      changed: mutesChanged,
      like: (roomId, platformId) => eventsLike(db, roomId, platformId),
    },
    status: { status: options.status, waiting: (roomId) => waitingIn(db, roomId), holding: mutes.holding },
    preview: {
      templates,
      example: (template, subject, room) => exampleOf(options, template, subject, room),
      async render(event, template, room) {
        const { name, platform, timeZone } = room;
        const isOfCards =
          template === cardTemplate ||
          live.ofRoom(room.address).some((one) => one.template === template && readOptions(one.options).isCard);
        const known = isOfCards ? await knownAbout(db, event) : {};
        return options.renderer.render(event, template, { now: now(), room: { name, platform, timeZone } }, known);
      },
    },
    why: { db, live, platforms },
  });
  return createCommands({
    db,
    table,
    async findRoom(invocation) {
      const room = await findRoom(db, invocation, (address) => configured.get(address)?.timeZone ?? 'UTC');
      return { ...room, id: directory.roomId(room.address) ?? room.id };
    },
    completion: { catalogue, templates, subscriptions: live.ofRoom, mutes: mutes.holding },
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

/** What a card of an event's subject would show. */
async function knownAbout(db: Database, event: Event) {
  const { state: known } = await readPost(db, event.subject);
  const state = Object.keys(known.row).length === 0 ? foldPost([event]) : known;
  return knownOf(state, await readDetails(db, event.subject, state));
}

const countWaiting = statement((db, { roomId }: { readonly roomId: number }) =>
  db.selectNoFrom((s) =>
    // Literals: SQLite uses the indexes of what waits only if it sees their conditions in the text.
    (['waiting', 'planned'] as const).map((state) =>
      s
        .selectFrom('deliveries')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('room_id', '=', roomId)
        .where('state', '=', sql.lit(state))
        .as(state),
    ),
  ),
);

async function waitingIn(db: Database, roomId: number): Promise<number> {
  const row = await countWaiting.first(db, { roomId });
  return Number(row?.waiting ?? 0) + Number(row?.planned ?? 0);
}

/** `posts#create;feedbacks#create` for what a message shows. */
async function eventsLike(db: Database, roomId: number, platformId: string): Promise<string | null> {
  const rows = await db
    .selectFrom('messages as m')
    .innerJoin('deliveries as d', 'd.message_id', 'm.id')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['e.model', 'e.type'])
    .where('m.room_id', '=', roomId)
    .where('m.platform_id', '=', platformId)
    .execute();
  return rows.length === 0 ? null : [...new Set(rows.map((row) => `${row.model}#${row.type}`))].join(';');
}

/** So many sample events are looked through for one of a model. */
const mostSamples = 2_000;

/** The newest stored event of a subject, or of the template's model; else a sample. */
async function exampleOf(
  { db, config, live, now }: RoomCommandsOptions,
  template: string,
  subject: string | null,
  room: CommandRoom,
): Promise<Event | null> {
  const { catalogue } = config;
  const newest = db.selectFrom('events').selectAll().orderBy('id', 'desc').limit(1);
  if (subject !== null) {
    // What other rooms hear is theirs.
    const heard = live.ofRoom(room.address).flatMap(({ events }) => [...events.keys()]);
    const row = await newest
      .where('subject', '=', subject)
      .where(({ or, eb, exists, selectFrom }) =>
        or([
          eb('model', 'in', ['', ...heard]),
          exists(
            selectFrom('deliveries as d')
              .select('d.id')
              .whereRef('d.event_id', '=', 'events.id')
              .where('d.room_id', '=', room.id ?? -1),
          ),
        ]),
      )
      .executeTakeFirst();
    return row === undefined ? null : storedEvent(row);
  }
  const model = catalogue.names.find((name) => catalogue.model(name)?.singular === template) ?? 'posts';
  const row = await newest.where('model', '=', model).executeTakeFirst();
  if (row !== undefined) return storedEvent(row);
  if (model === 'source') {
    const since = now() - config.derived.lostAfterMs;
    return sourceLost({ name: config.source.name, reason: 'a sample: nothing is lost', since }, now()).event;
  }
  let looked = 0;
  for (const sample of sampleEvents(now())) {
    const decoded = decode(sample, { source: 'sample', receivedAt: now(), origin: 'live', catalogue });
    if (decoded.outcome === 'event' && decoded.event.model === model) return decoded.event;
    if (++looked > mostSamples) break;
  }
  return null;
}

/**
 * Endless sample events, as a server of the API would send them: posts that are reported, judged, flagged and deleted, and
 * what goes on beside them; hostile ones among them, the first within a dozen. All names and domains are invented.
 *
 * Ids and times are minted from `startedAt` (Unix milliseconds): the same start tells the same events, a later one none that
 * were seen before (ids grow by ten a second). Times advance as the events would come at a human pace, about one a second.
 */
export function* sampleEvents(startedAt: number): Iterable<WireEvent> {
  for (const { event } of sampleStory(startedAt)) yield event;
}
