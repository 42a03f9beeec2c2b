import { KnownNames } from '../ingest/details/known-names.ts';
import { createPipeline, type Pipeline } from '../ingest/pipeline.ts';
import { newestPost } from '../ingest/store-event.ts';
import { createLiveSubscriptions, type LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import { createMaskedRooms } from '../rooms/masked-rooms.ts';
import type { Base } from './build-base.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions } from './options.ts';

/** The way in: from a message of the source to an event with its deliveries in the store. */
export interface Ingest {
  readonly live: LiveSubscriptions;
  readonly names: KnownNames;
  readonly pipeline: Pipeline;
}

/** Builds the subscriptions, their router and the pipeline. */
export async function buildIngest(
  options: AppOptions,
  { base, monitoring }: { readonly base: Base; readonly monitoring: Monitoring },
  lifecycle: Lifecycle,
): Promise<Ingest> {
  const { config, clock, log, safeguards } = options;
  const { db, events, rooms, directory, queue } = base;
  const known = new Set(rooms.map((room) => room.address));
  for (const { id, address, events: spec } of base.stored.filter((one) => !known.has(one.address)))
    log.warn(
      { subscription: id, room: address },
      `subscription ${id} (${spec}) was made by a command in ${address}, which is no longer in ${config.file}: it is inactive. If the room is listed under another address, it works again from the next start on`,
    );
  const live = createLiveSubscriptions({
    fromFile: config.subscriptions,
    stored: base.stored.filter((subscription) => known.has(subscription.address)),
    catalogue: config.catalogue,
    log,
  });
  const names = new KnownNames(config.catalogue);
  await names.load(db);
  const pipeline = createPipeline({
    ...{ db, events, names, queue, clock, log, safeguards },
    source: config.source.name,
    kind: config.source.kind,
    catalogue: config.catalogue,
    router: live.router,
    priority: config.priority,
    quotaBelow: config.derived.quotaBelow,
    newestPost: await newestPost(db),
    roomId: directory.roomId,
    wake: directory.wake,
    hasApi: config.source.api !== null,
    masked: createMaskedRooms(config.rooms, directory.roomId),
    pace: base.pace,
  });
  pipeline.onCommitted((committed) => {
    for (const event of committed) monitoring.received(event);
  });
  // Waits for the last events of the inputs.
  lifecycle.onStop('the pipeline', () => pipeline.idle());
  lifecycle.onDrain('the pipeline', (now) => pipeline.stop(now));
  return { live, names, pipeline };
}
