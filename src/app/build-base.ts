import { accountsOf } from '../account-id.ts';
import type { Config } from '../config/config.ts';
import type { CurrentConfig } from '../config/per-config.ts';
import { DetailsPace } from '../ingest/details/details-pace.ts';
import { createIngestQueue, type IngestQueue } from '../ingest/queue.ts';
import { createRoomDirectory, type RoomDirectory } from '../outbox/room-directory.ts';
import {
  type ConfiguredRoom,
  countParked,
  readRoomAccounts,
  type StoredRoom,
  storeRoomsIn,
} from '../outbox/rows/rooms.ts';
import { listStoredSubscriptions, type StoredSubscription } from '../rooms/stored-subscriptions.ts';
import { keepStoreClock } from '../store/clock/store-clock.ts';
import { createEventCache, type EventCache } from '../store/event-cache.ts';
import { logFailure } from '../store/log-failure.ts';
import { openHeld } from '../store/open-place.ts';
import { openStore, type Store } from '../store/open-store.ts';
import type { Patience } from '../store/patient-driver.ts';
import { placeOf } from '../store/place.ts';
import type { Database } from '../store/tables.ts';
import { createTroubleWatch, type TroubleWatch } from '../store/trouble-watch.ts';
import { createWriter, type Writer } from '../store/writer.ts';
import { counted } from '../text/counted.ts';
import type { Clock } from '../time/clock.ts';
import type { AccountId } from '../words.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { AppOptions } from './options.ts';
import { startLine } from './start-line.ts';

/** The part of the state that a reload replaces. */
export interface InEffect {
  config: Config;
  /** The last reload: whether it went well, and when one did, Unix milliseconds. */
  lastReload: { readonly isGood: boolean; readonly goodAt: number };
  /** The rooms of the configuration and, if it allows any room, those that commands made. */
  rooms: readonly StoredRoom[];
}

/** The parts that all phases use: the store, and the state that they share in memory. */
export interface Base {
  readonly db: Database;
  /** The store's clock, for everything from now on. */
  readonly clock: Clock;
  readonly writer: Writer;
  readonly events: EventCache;
  readonly watch: TroubleWatch;
  /** The subscriptions made by commands. */
  readonly stored: readonly StoredSubscription[];
  readonly inEffect: InEffect;
  /** Returns the configuration in effect. */
  readonly config: CurrentConfig;
  readonly directory: RoomDirectory;
  /** The events that wait to be written. */
  readonly queue: IngestQueue;
  /** Knows how fast the API gives the details of posts. */
  readonly pace: DetailsPace;
}

/** Opens the store under its lock and reads the rooms. Throws a `StoreError` if the store cannot be used. */
export async function buildBase(options: AppOptions, lifecycle: Lifecycle): Promise<Base> {
  const { config, platforms, log } = options;
  const file = storeNameOf(config);
  const watch = createTroubleWatch({ file, clock: options.clock, log });
  const store = await openOwn(options, { clock: options.clock, hurry: lifecycle.hurry, watch });
  lifecycle.onStop('the store', () => store.close());
  log.info({ version: options.version, store: file }, startLine(options.version, file, store.schema));
  const { db } = store;
  const clock = await clockOf(db, options, lifecycle);
  await options.seed?.(db);
  const { stored, rooms } = await storeRoomsOf(db, config, platforms);
  const inEffect: InEffect = { config, rooms, lastReload: { isGood: true, goodAt: clock.wall() } };
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
    clock,
    writer: createWriter(db, clock),
    events: createEventCache(db),
    watch,
    stored,
    inEffect,
    config: () => inEffect.config,
    directory: createRoomDirectory(),
    queue: createIngestQueue(),
    pace: new DetailsPace(clock),
  };
}

/**
 * Stores the rooms of a configuration and, if it allows any room, those of the subscriptions that commands made. The
 * deliveries of other rooms are parked.
 */
export async function storeRoomsOf(
  db: Database,
  config: Config,
  platforms: AppOptions['platforms'],
): Promise<{ readonly stored: readonly StoredSubscription[]; readonly rooms: readonly StoredRoom[] }> {
  return db.transaction().execute(async (trx) => {
    const stored = await listStoredSubscriptions(trx);
    const accounts = await readRoomAccounts(trx);
    return { stored, rooms: await storeRoomsIn(trx, allRooms(config, { stored, accounts, platforms })) };
  });
}

/** Opens the store, which no other process works on meanwhile. */
function openOwn({ config: { store }, lease, log }: AppOptions, patience: Patience): Promise<Store> {
  if (store.kind === 'memory') return openStore(':memory:', patience);
  const onFailure = (err: unknown) => logFailure(log, err, {}, 'the lock could not be released');
  return openHeld(store, { patience, lease: lease ?? null, onFailure });
}

/** Returns the clock of the store; one in memory ends with this process, and so does its time. */
async function clockOf(db: Database, options: AppOptions, lifecycle: Lifecycle): Promise<Clock> {
  const { config, clock, log } = options;
  if (config.store.kind === 'memory') return clock;
  const kept = await keepStoreClock({ db, clock, log });
  lifecycle.onStop("the store's clock", () => kept.stop());
  return kept.clock;
}

/** Names the database for people; `:memory:` if nothing is to be kept. */
export function storeNameOf({ store }: Pick<Config, 'store'>): string {
  return store.kind === 'memory' ? ':memory:' : placeOf(store);
}

/**
 * Returns the rooms of a configuration and, if it allows any room, those of the subscriptions that commands made, on
 * chats that are set up.
 */
export function allRooms(
  { rooms, commands, chats }: Config,
  { stored, accounts, platforms }: StoredRooms,
): readonly ConfiguredRoom[] {
  if (commands.rooms === 'listed') return rooms;
  const all = new Map<string, ConfiguredRoom>(rooms.map((room) => [room.address, room]));
  for (const { address } of stored) {
    const platform = platforms.find(({ name }) => address.startsWith(`${name}:`))?.name;
    if (platform === undefined || all.has(address)) continue;
    // A trial has the subscriptions, and not the rooms.
    const account = accounts.get(address) ?? accountsOf(chats, platform)[0];
    if (account !== undefined && chats[account] != null)
      all.set(address, { name: address, address, platform, account });
  }
  return [...all.values()];
}

/** Part of the store that rooms made by commands come from. */
interface StoredRooms {
  readonly stored: readonly StoredSubscription[];
  /** The account of each room by its address. */
  readonly accounts: ReadonlyMap<string, AccountId>;
  readonly platforms: AppOptions['platforms'];
}
