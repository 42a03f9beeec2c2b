import { platformOfAccount } from '../account-id.ts';
import type { Config } from '../config/config.ts';
import { KnownNames } from '../ingest/details/known-names.ts';
import { createPipeline, type Pipeline } from '../ingest/pipeline.ts';
import { newestPost } from '../ingest/store-event.ts';
import type { Log } from '../log.ts';
import { readRoomAccounts, type StoredRoom } from '../outbox/rows/rooms.ts';
import { createLiveSubscriptions, type LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import { createMaskedRooms } from '../rooms/masked-rooms.ts';
import type { StoredSubscription } from '../rooms/stored-subscriptions.ts';
import { allRooms, type Base } from './build-base.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions } from './options.ts';

/** The subscriptions in effect, and the names that are known. */
export interface Subscribed {
  readonly live: LiveSubscriptions;
  readonly names: KnownNames;
}

/** The way in: from a message of the source to an event with its deliveries in the store. */
export interface Ingest extends Subscribed {
  readonly pipeline: Pipeline;
}

/** Builds the subscriptions and their router. */
export async function buildSubscribed(options: AppOptions, base: Base): Promise<Subscribed> {
  const { log, platforms } = options;
  const { catalogue } = options.config;
  const { db, config } = base;
  const isKnown = isRoomOf(
    allRooms(config(), { stored: base.stored, accounts: await readRoomAccounts(db), platforms }),
  );
  // A command in another unit may make a room at any time.
  const isRoom = base.share === null ? isKnown : anyRoomOf(config(), isKnown);
  warnOfInactive(base.stored, { isRoom, file: config().file, log });
  const live = createLiveSubscriptions({
    fromFile: config().subscriptions,
    ...{ isRoom, stored: base.stored, catalogue, log },
  });
  const names = new KnownNames(catalogue);
  await names.load(db);
  return { live, names };
}

/** Builds the pipeline behind the subscriptions. */
export async function buildIngest(
  options: AppOptions,
  parts: { readonly base: Base; readonly subscribed: Subscribed; readonly monitoring: Monitoring },
  lifecycle: Lifecycle,
): Promise<Ingest> {
  const { clock, log, safeguards } = options;
  const { catalogue, source } = options.config;
  const { base, subscribed, monitoring } = parts;
  const { db, events, config, directory, queue } = base;
  const { live, names } = subscribed;
  const pipeline = createPipeline({
    ...{ db, events, names, queue, clock, log, safeguards },
    source: source.name,
    kind: source.kind,
    catalogue,
    router: live.router,
    priority: () => config().priority,
    quotaBelow: () => config().derived.quotaBelow,
    newestPost: await newestPost(db),
    roomId: directory.roomId,
    wake: directory.wake,
    hasApi: () => config().source.api !== null,
    masked: createMaskedRooms(() => config().rooms, directory),
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

/** Returns a function that says whether a room takes messages by a configuration, which may let commands make any room. */
export function anyRoomOf(
  { commands, chats }: Config,
  isKnown: (address: string) => boolean,
): (address: string) => boolean {
  const names = Object.keys(chats).flatMap((id) => (chats[id] == null ? [] : platformOfAccount(id)));
  const isOnChat = (address: string) => names.some((name) => address.startsWith(`${name}:`));
  return (address) => isKnown(address) || (commands.rooms === 'any' && isOnChat(address));
}

/** Returns a function that says whether a room takes messages. */
export function isRoomOf(rooms: readonly Pick<StoredRoom, 'address'>[]): (address: string) => boolean {
  const known = new Set(rooms.map(({ address }) => address));
  return (address) => known.has(address);
}

/** Logs the subscriptions of commands in rooms that left the configuration. */
export function warnOfInactive(
  stored: readonly StoredSubscription[],
  { isRoom, file, log }: { readonly isRoom: (address: string) => boolean; readonly file: string; readonly log: Log },
): void {
  for (const { id, address, events } of stored.filter((one) => !isRoom(one.address)))
    log.warn(
      { subscription: id, room: address },
      `subscription ${id} (${events}) was made by a command in ${address}, which is no longer in ${file}: it is inactive. If the room is listed under another address, it works again once Lookout has found it there`,
    );
}
