import type { Commands } from '../commands/commands.ts';
import type { StatusParts } from '../commands/status.ts';
import type { QuietRule } from '../config/config.ts';
import { perConfig } from '../config/per-config.ts';
import type { AccountKeeper } from '../outbox/send/account.ts';
import { keepMutes } from '../rooms/keep-mutes.ts';
import { createQuietRules, type QuietRules } from '../rooms/quiet-rules.ts';
import type { Base } from './build-base.ts';
import type { Delivery } from './build-delivery.ts';
import type { Ingest } from './build-ingest.ts';
import { type Inputs, inputOf } from './build-inputs.ts';
import { createRoomCommands } from './connect-commands.ts';
import type { Lifecycle } from './lifecycle.ts';
import { createListen } from './listen-to-people.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions } from './options.ts';
import { createStatusParts } from './read-status.ts';

export interface Surfaces {
  /** Makes the adapter of an account pass on what people write. */
  readonly listen: (keeper: AccountKeeper) => void;
  readonly commands: Commands;
  readonly status: StatusParts;
}

export interface SurfacesParts {
  readonly base: Base;
  readonly delivery: Delivery;
  readonly ingest: Ingest;
  readonly inputs: Inputs;
  readonly monitoring: Monitoring;
}

/** Builds the parts that people use: commands in the rooms, ends of mutes, metrics. */
export async function buildSurfaces(
  options: AppOptions,
  parts: SurfacesParts,
  lifecycle: Lifecycle,
): Promise<Surfaces> {
  const { clock, log } = options;
  const { base, delivery, ingest, inputs, monitoring } = parts;
  const { db, directory } = base;
  const { mutes, outbox } = delivery;
  const quiet = createQuietRules({
    db,
    configured: quietInFile(base),
    timeZoneOf: (roomId) => timeZoneOf(base, roomId),
    log,
  });
  await quiet.load();
  const status = createStatusParts(options, parts);
  const commands = connectCommands(options, { ...parts, quiet, status });
  const listen = createListen(options, { base, outbox, commands });
  for (const keeper of outbox.accounts) listen(keeper);
  const keeper = keepMutes({ db, mutes, quiet: quiet.byRoom, wake: directory.wake, clock, log });
  lifecycle.onStop('the ends of mutes', () => keeper.stop());
  await keeper.begun;
  const { source, missed, lastEventAt } = inputs;
  const { counts } = ingest.pipeline;
  lifecycle.onStop('the metrics', () => monitoring.stop());
  await monitoring.start(
    {
      ...{ source, counts, outbox, mutes, lastEventAt, holdsFailed: delivery.holdsFailed },
      lastReload: () => base.inEffect.lastReload,
      rowsFetched: () => missed.rowsFetched,
      failedReadings: () => missed.failedReadings,
    },
    base,
  );
  return { listen, commands, status };
}

interface CommandsParts extends SurfacesParts {
  readonly quiet: QuietRules;
  readonly status: StatusParts;
}

function connectCommands(options: AppOptions, parts: CommandsParts): Commands {
  const { platforms, clock, log } = options;
  const { base, delivery, ingest, inputs, quiet, status } = parts;
  const { db, config, directory } = base;
  const { mutes, outbox, renderer, masked } = delivery;
  return createRoomCommands({
    ...{ config, platforms, db, live: ingest.live, mutes, quiet, directory, outbox, renderer, masked, status, log },
    ask: (events) => inputs.source.ask(events),
    sites: () => ingest.names.sites(),
    clock,
    samples: inputOf(options).samples,
  });
}

/** Makes a function that returns the quiet hours of the configuration by the present id of their room. */
function quietInFile({ config, directory }: Base): () => ReadonlyMap<number, readonly QuietRule[]> {
  // They are asked for every few seconds, and most rooms have none.
  const quiet = perConfig(config, ({ rooms }) => rooms.filter((room) => room.quiet.length > 0));
  return () => {
    const found = new Map<number, readonly QuietRule[]>();
    for (const { address, quiet: rules } of quiet()) {
      const roomId = directory.roomId(address);
      if (roomId !== undefined) found.set(roomId, [...(found.get(roomId) ?? []), ...rules]);
    }
    return found;
  };
}

/** Returns the time zone of a room; UTC for one that a command made. */
function timeZoneOf({ config, directory }: Base, roomId: number): string {
  return config().rooms.find(({ address }) => directory.roomId(address) === roomId)?.timeZone ?? 'UTC';
}
