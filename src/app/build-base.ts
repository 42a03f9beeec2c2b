import type { Config, RoomConfig } from '../config/config.ts';
import { DetailsPace } from '../ingest/details/details-pace.ts';
import { createIngestQueue, type IngestQueue } from '../ingest/queue.ts';
import { createRoomDirectory, type RoomDirectory } from '../outbox/room-directory.ts';
import { countParked, type StoredRoom, storeRooms } from '../outbox/rows/rooms.ts';
import { listStoredSubscriptions, type StoredSubscription } from '../rooms/stored-subscriptions.ts';
import { createEventCache, type EventCache } from '../store/event-cache.ts';
import { lockStore } from '../store/lock.ts';
import { logFailure } from '../store/log-failure.ts';
import { openStore } from '../store/open-store.ts';
import type { Database } from '../store/tables.ts';
import { createTroubleWatch, type TroubleWatch } from '../store/trouble-watch.ts';
import { createWriter, type Writer } from '../store/writer.ts';
import { counted } from '../text/counted.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { AppOptions } from './options.ts';

/** The parts that all phases use: the store, and the state that they share in memory. */
export interface Base {
  readonly db: Database;
  readonly writer: Writer;
  readonly events: EventCache;
  readonly watch: TroubleWatch;
  /** The subscriptions made by commands. */
  readonly stored: readonly StoredSubscription[];
  /** The rooms of the configuration and, if it allows any room, those that commands made. */
  readonly rooms: readonly StoredRoom[];
  readonly directory: RoomDirectory;
  /** The events that wait to be written. */
  readonly queue: IngestQueue;
  /** Knows how fast the API gives the details of posts. */
  readonly pace: DetailsPace;
}

/** Opens the store under its lock and reads the rooms. Throws a `StoreError` if the store cannot be used. */
export async function buildBase(options: AppOptions, lifecycle: Lifecycle): Promise<Base> {
  const { config, platforms, clock, log } = options;
  const file = storeFileOf(config);
  const lock = config.store.kind === 'sqlite' ? lockStore(file) : null;
  lifecycle.onStop('the lock file', () => lock?.release());
  const watch = createTroubleWatch({ file, clock, log });
  const store = await openStore(file, { clock, hurry: lifecycle.hurry, watch });
  lifecycle.onStop('the store', () => store.close());
  const { db } = store;
  await options.seed?.(db);
  await lock?.register(db);
  lifecycle.onStop('the lock', () =>
    lock?.strikeOff(db).catch((err) => logFailure(log, err, {}, 'the lock could not be released')),
  );
  const stored = await listStoredSubscriptions(db);
  const rooms = await storeRooms(db, allRooms(config, stored, platforms));
  const parked = await countParked(db);
  if (parked > 0) {
    const waiting = counted(parked, 'delivery is', 'deliveries are');
    log.warn(
      { parked },
      `${waiting} parked, without a room in ${config.file}: they go out when it comes back; \`lookout outbox list\` names it`,
    );
  }
  return {
    db,
    writer: createWriter(db, clock),
    events: createEventCache(db),
    watch,
    stored,
    rooms,
    directory: createRoomDirectory(),
    queue: createIngestQueue(),
    pace: new DetailsPace(clock),
  };
}

/** Returns the path of the database file; `:memory:` if nothing is to be kept. */
export function storeFileOf({ store }: Pick<Config, 'store'>): string {
  return store.kind === 'sqlite' ? store.file : ':memory:';
}

function allRooms(
  { rooms, commands }: Config,
  stored: readonly StoredSubscription[],
  platforms: AppOptions['platforms'],
): readonly Pick<RoomConfig, 'name' | 'address' | 'platform'>[] {
  if (commands.rooms === 'listed') return rooms;
  const all = new Map<string, Pick<RoomConfig, 'name' | 'address' | 'platform'>>(
    rooms.map((room) => [room.address, room]),
  );
  for (const { address } of stored) {
    const platform = platforms.find(({ name }) => address.startsWith(`${name}:`))?.name;
    if (platform !== undefined && !all.has(address)) all.set(address, { name: address, address, platform });
  }
  return [...all.values()];
}
