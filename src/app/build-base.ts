import { accountsOf } from '../account-id.ts';
import type { Config } from '../config/config.ts';
import type { CurrentConfig } from '../config/per-config.ts';
import { DetailsPace } from '../ingest/details/details-pace.ts';
import { createIngestQueue, type IngestQueue } from '../ingest/queue.ts';
import { createRoomDirectory, type RoomDirectory } from '../outbox/room-directory.ts';
import {
  announceRooms,
  type ConfiguredRoom,
  countParked,
  listAddresses,
  readRoomAccounts,
  type StoredRoom,
  storeRoomsIn,
  storeRoomsOfAccount,
} from '../outbox/rows/rooms.ts';
import { listStoredSubscriptions, type StoredSubscription } from '../rooms/stored-subscriptions.ts';
import { followStoreClock } from '../store/clock/follow-clock.ts';
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
import { hasRoom, isLeader, type Share } from './share.ts';
import { type Note, roomsAreFree, type Signals, StoredUntil, StoredUntilTeller } from './signals.ts';
import { startLine } from './start-line.ts';

/** The part of the state that a reload replaces. */
export interface InEffect {
  config: Config;
  /** The rooms of the configuration and, if it allows any room, those that commands made; of a share of the work, its own. */
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
  /** The share of the work; null: all of it. */
  readonly share: Share | null;
  /** Connects this share with the others; null: it has all of the work. */
  readonly signals: Signals | null;
  /** Calls `listener` with each signal of another share from now on. */
  readonly onNote: (listener: (note: Note) => void) => void;
  /** A command of the shell, or another unit, changed something: other shares tell that as a signal, too. */
  readonly changedOutside: () => void;
  /** Returns the time before which everything that the source sent is stored, Unix milliseconds; Infinity: nothing waits. */
  readonly storedUntil: () => number;
  /** The events that wait to be written. */
  readonly queue: IngestQueue;
  /** Knows how fast the API gives the details of posts. */
  readonly pace: DetailsPace;
}

/** Opens the store under its lock and reads the rooms. Throws a `StoreError` if the store cannot be used. */
export async function buildBase(options: AppOptions, lifecycle: Lifecycle): Promise<Base> {
  const { config, platforms, log, share = null } = options;
  const file = storeNameOf(config);
  const watch = createTroubleWatch({ file, clock: options.clock, log });
  const store = await openOwn(options, { clock: options.clock, hurry: lifecycle.hurry, watch });
  lifecycle.onStop('the store', () => store.close());
  log.info({ version: options.version, store: file }, startLine(options.version, file, store.schema));
  const { db } = store;
  const clock = await clockOf(db, options, lifecycle);
  await options.seed?.(db);
  const { stored, rooms } = await storeRoomsOf(db, config, platforms, share);
  const inEffect: InEffect = { config, rooms };
  const queue = createIngestQueue();
  const connected = connectShare({ ...options, clock }, queue, lifecycle);
  if (share !== null) await readAddresses(db, connected.directory);
  connected.signals?.tell(roomsAreFree);
  const parked = isLeader(share) ? await countParked(db) : 0;
  if (parked > 0) {
    const waiting = counted(parked, 'delivery is', 'deliveries are');
    log.warn(
      { parked },
      `${waiting} parked, without a room in ${config.file}: they go out when it comes back; \`lookout outbox list\` names it`,
    );
  }
  return {
    ...{ db, clock, watch, stored, inEffect, queue, share },
    ...connected,
    writer: createWriter(db, clock),
    events: toldWhenMoved(createEventCache(db), connected),
    config: () => inEffect.config,
    pace: new DetailsPace(clock),
  };
}

/** Connects a share of the work with the others: wakes their rooms, and is woken by them. */
function connectShare(
  { clock, ...options }: AppOptions,
  queue: IngestQueue,
  lifecycle: Lifecycle,
): Pick<Base, 'directory' | 'signals' | 'onNote' | 'changedOutside' | 'storedUntil'> {
  const share: Share | null = options.share ?? null;
  const listeners: ((note: Note) => void)[] = [];
  const heard = (note: Note) => {
    for (const listener of listeners) listener(note);
  };
  const told = {
    onNote: (listener: (note: Note) => void) => void listeners.push(listener),
    changedOutside: () => heard({ changed: 0 }),
  };
  if (share === null)
    return { ...told, directory: createRoomDirectory(), signals: null, storedUntil: queue.storedUntil };
  const stored = new StoredUntil(clock, () => share.leader() !== null);
  const signals = share.join((note) => {
    if (note.rooms !== undefined) directory.wakeHere(note.rooms);
    if (note.storedUntil !== undefined) stored.note(note.storedUntil);
    else if (note.all) stored.note(null);
    heard(note);
  });
  const teller = new StoredUntilTeller(clock, queue.storedUntil, (storedUntil) => signals.tell({ storedUntil }));
  const directory = createRoomDirectory((rooms) =>
    signals.tell(isLeader(share) ? { rooms, storedUntil: teller.now() } : { rooms }),
  );
  // What another leader had in memory is gone.
  if (isLeader(share)) signals.tell({ storedUntil: null });
  lifecycle.onStop('the signals', () => {
    teller.stop();
    signals.leave();
  });
  return { ...told, directory, signals, storedUntil: isLeader(share) ? queue.storedUntil : stored.read };
}

/** Returns the cache; other units hear which events must be read anew. */
function toldWhenMoved(cache: EventCache, { signals, onNote }: Pick<Base, 'signals' | 'onNote'>): EventCache {
  if (signals === null) return cache;
  onNote(({ moved = [], all }) => (all ? cache.clear() : cache.forget(moved)));
  return {
    ...cache,
    forget(moved) {
      cache.forget(moved);
      if (moved.length > 0) signals.tell({ moved });
    },
  };
}

/** Learns the ids of rooms that other units made. A room that is known to be another one stays that. */
export async function readAddresses(db: Database, directory: RoomDirectory): Promise<void> {
  for (const { id, address } of await listAddresses(db))
    if (directory.roomId(address) === undefined) directory.set(address, id);
}

/**
 * Stores the rooms of a configuration and, if it allows any room, those of the subscriptions that commands made. The
 * deliveries of other rooms are parked. A share of the work stores its own rooms; the leader only announces those that are new.
 */
export async function storeRoomsOf(
  db: Database,
  config: Config,
  platforms: AppOptions['platforms'],
  share: Share | null,
): Promise<{ readonly stored: readonly StoredSubscription[]; readonly rooms: readonly StoredRoom[] }> {
  return db.transaction().execute(async (trx) => {
    const stored = await listStoredSubscriptions(trx);
    const accounts = await readRoomAccounts(trx);
    const rooms = allRooms(config, { stored, accounts, platforms });
    if (share === null) return { stored, rooms: await storeRoomsIn(trx, rooms) };
    const isOurs = (room: Pick<StoredRoom, 'account'>) => hasRoom(share, room);
    if (share.account !== null) return { stored, rooms: await storeRoomsOfAccount(trx, rooms.filter(isOurs), isOurs) };
    await announceRooms(trx, rooms);
    return { stored, rooms: [] };
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
  const share = options.share ?? null;
  const kept = isLeader(share)
    ? await keepStoreClock({ db, clock, log, isFollowed: share !== null })
    : await followStoreClock({ db, clock, log });
  lifecycle.onDrain("the store's clock", (now) => kept.stop(now));
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
