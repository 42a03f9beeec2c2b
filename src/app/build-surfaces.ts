import type { Commands } from '../commands/commands.ts';
import { findRoom } from '../commands/find-room.ts';
import type { QuietRule } from '../config/config.ts';
import { listGaps } from '../inputs/gaps/gap-rows.ts';
import { sourceText } from '../inputs/source/state-text.ts';
import { createGreet, type Greet } from '../notices/greeting.ts';
import { accountTrouble } from '../outbox/send/account-state.ts';
import { keepMutes } from '../rooms/keep-mutes.ts';
import { createQuietRules, type QuietRules } from '../rooms/quiet-rules.ts';
import type { Base } from './build-base.ts';
import type { Delivery } from './build-delivery.ts';
import type { Ingest } from './build-ingest.ts';
import { type Inputs, inputOf } from './build-inputs.ts';
import { createRoomCommands } from './connect-commands.ts';
import { answerTurns } from './create-adapters.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions } from './options.ts';

/** Age of the gaps that `status` lists, ms. */
const GAPS_SHOWN_MS = 24 * 3_600_000;
const mostGapsShown = 5;

export interface SurfacesParts {
  readonly base: Base;
  readonly delivery: Delivery;
  readonly ingest: Ingest;
  readonly inputs: Inputs;
  readonly monitoring: Monitoring;
}

/** Builds the parts that people use: commands in the rooms, ends of mutes, metrics. */
export async function buildSurfaces(options: AppOptions, parts: SurfacesParts, lifecycle: Lifecycle): Promise<void> {
  const { clock, log } = options;
  const { base, delivery, ingest, inputs, monitoring } = parts;
  const { db, directory } = base;
  const { mutes, outbox } = delivery;
  const quiet = createQuietRules({
    db,
    configured: quietInFile(options, base),
    timeZoneOf: (roomId) => timeZoneOf(options, base, roomId),
    log,
  });
  await quiet.load();
  listenToPeople(options, connectCommands(options, { ...parts, quiet }), parts);
  const keeper = keepMutes({ db, mutes, quiet: quiet.byRoom, wake: directory.wake, clock, log });
  lifecycle.onStop('the ends of mutes', () => keeper.stop());
  await keeper.begun;
  const { source, missed, lastEventAt } = inputs;
  const { counts } = ingest.pipeline;
  lifecycle.onStop('the metrics', () => monitoring.stop());
  await monitoring.start(
    {
      ...{ source, counts, outbox, mutes, lastEventAt, holdsFailed: delivery.holdsFailed },
      rowsFetched: () => missed.rowsFetched,
      failedReadings: () => missed.failedReadings,
    },
    db,
  );
}

function connectCommands(options: AppOptions, parts: SurfacesParts & { readonly quiet: QuietRules }): Commands {
  const { config, platforms, version, clock, log } = options;
  const { base, delivery, ingest, inputs, quiet } = parts;
  const { db, directory } = base;
  const { mutes, outbox, renderer, masked } = delivery;
  const { source, lastEventAt } = inputs;
  return createRoomCommands({
    ...{ config, platforms, db, live: ingest.live, mutes, quiet, directory, outbox, renderer, masked, log },
    ask: (events) => source.ask(events),
    status: () => ({
      source: sourceText(source.state, config.source.name),
      lastEventAt: lastEventAt(),
      events: ingest.pipeline.counts.received,
      version,
      trouble: (platform) => {
        const keeper = outbox.accounts.find(({ adapter }) => adapter.platform === platform);
        return keeper === undefined ? null : accountTrouble(keeper.state);
      },
      gaps: () => listGaps(db, clock.now() - GAPS_SHOWN_MS, mostGapsShown),
    }),
    sites: () => ingest.names.sites(),
    now: () => clock.now(),
    samples: inputOf(options).samples,
  });
}

/** Makes every adapter pass on what people write, and what happens to rooms. */
function listenToPeople(
  options: AppOptions,
  { run, complete, ignores, isForUs, table }: Commands,
  { base, delivery }: SurfacesParts,
): void {
  const { outbox } = delivery;
  const greet = greetingOf(options, base);
  const named = new Map(
    base.rooms.flatMap(({ name, address, platform }) => {
      const room = { platform, room: address.slice(`${platform}:`.length) };
      return [[name, room] as const, [address, room] as const];
    }),
  );
  const inAnyCase = new Map(base.rooms.map(({ name }) => [name.toLowerCase(), named.get(name) ?? null] as const));
  const roomNames = [...new Set(base.rooms.map(({ name }) => name))];
  for (const keeper of outbox.accounts) {
    const { platform } = keeper.adapter;
    const rooms = base.rooms.filter((room) => room.platform === platform);
    keeper.adapter.listen({
      ...{ table, run, complete, isForUs },
      rooms: rooms.map(({ address }) => address.slice(`${platform}:`.length)),
      turns: answerTurns(keeper),
      ignores: (asker) => ignores(platform, asker),
      roomNames,
      namedRoom: (word) => named.get(word) ?? inAnyCase.get(word.toLowerCase()) ?? null,
      greet: (room) => greet({ platform, room }),
      onRoomChanged: (address) => outbox.roomChanged(platform, address),
      onRoomReplaced: (from, to) => outbox.roomReplaced(platform, from, to),
    });
  }
}

/** Makes the function that greets rooms; it greets none if the configuration says so. */
function greetingOf({ config, clock, log }: AppOptions, { db }: Base): Greet {
  if (!config.greets) return async () => null;
  return createGreet({
    ...{ db, log, source: config.source, now: () => clock.now() },
    async takesSubscriptions(place) {
      const { id } = await findRoom(db, { ...place, direct: false }, () => 'UTC');
      return config.commands.rooms === 'any' || id !== null;
    },
  });
}

/** Makes a function that returns the quiet hours of the configuration by the present id of their room. */
function quietInFile(
  { config }: AppOptions,
  { rooms, directory }: Base,
): () => ReadonlyMap<number, readonly QuietRule[]> {
  const ids = new Map(rooms.map(({ address, id }) => [address, id]));
  // They are asked for every few seconds, and most rooms have none.
  const quiet = config.rooms.filter((room) => room.quiet.length > 0 && ids.has(room.address));
  return () => {
    const found = new Map<number, readonly QuietRule[]>();
    for (const { address, quiet: rules } of quiet) {
      const roomId = directory.roomId(address) ?? ids.get(address)!;
      found.set(roomId, [...(found.get(roomId) ?? []), ...rules]);
    }
    return found;
  };
}

/** Returns the time zone of a room; UTC for one that a command made. */
function timeZoneOf({ config }: AppOptions, { directory }: Base, roomId: number): string {
  return config.rooms.find(({ address }) => directory.roomId(address) === roomId)?.timeZone ?? 'UTC';
}
