import type { Adapter } from '../adapters/adapter.ts';
import type { Waves } from '../config/config.ts';
import type { PlatformRules } from '../config/platform.ts';
import type { Log } from '../log.ts';
import type { TellOperators } from '../notices/operator-notices.ts';
import type { EventCache } from '../store/event-cache.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import { watchChanges } from '../store/watch-changes.ts';
import { watchStoreFile } from '../store/watch-file.ts';
import type { Writer } from '../store/writer.ts';
import { type Clock, sleep } from '../time/clock.ts';
import type { PlatformName } from '../words.ts';
import type { Draw } from './compose/draw.ts';
import type { RoomWorkOptions } from './room/do-work.ts';
import { createRoomWorker, type RoomWorker } from './room/worker.ts';
import type { RoomDirectory } from './room-directory.ts';
import { pruneBatch, pruneUntil } from './rows/prune.ts';
import { noteReplaced, type StoredRoom, writtenAddress } from './rows/rooms.ts';
import { roomsWithWork } from './rows/rooms-with-work.ts';
import type { SendSafeguards } from './rules/safeguards.ts';
import { type AccountKeeper, createAccountKeeper } from './send/account.ts';

/** Interval at which old rows are pruned, ms. */
const PRUNE_EVERY_MS = 3_600_000;
/** Delay before the first prune, ms. Lets waiting deliveries be sent first. */
const PRUNE_FIRST_MS = 60_000;
/** Pause between two batches of a prune, ms. */
const PRUNE_PAUSE_MS = 100;

export interface OutboxOptions {
  readonly db: Database;
  readonly writer: Writer;
  readonly events: EventCache;
  readonly rooms: readonly StoredRoom[];
  readonly directory: RoomDirectory;
  readonly adapters: readonly Adapter[];
  /** Every platform, those without an adapter too. */
  readonly platforms: readonly PlatformRules[];
  readonly draw: Draw;
  readonly storedUntil: RoomWorkOptions['storedUntil'];
  /** Returns the id of the mute that stops an event in a room now; null: none. */
  readonly mutedBy: RoomWorkOptions['mutedBy'];
  /** Returns true if a mute stops a whole room now. */
  readonly isPaused: (roomId: number, now: number) => boolean;
  /** Returns why a held delivery needs no message any more; null: it needs one. */
  readonly cancelReason: RoomWorkOptions['cancelReason'];
  /** Returns the waves of a room, for when more comes than it takes; null: one message an event. */
  readonly wavesOf: (room: StoredRoom) => Waves | null;
  /** Time for which settled rows are kept, ms. */
  readonly keepMs: number;
  /** Called when a platform begins to take nothing from us. */
  readonly onAccountBroken: (platform: PlatformName, reason: string) => void;
  readonly tell: TellOperators;
  readonly clock: Clock;
  readonly log: Log;
  readonly safeguards: SendSafeguards;
}

/** The workers of all rooms, and the accounts that they share. */
export interface Outbox {
  readonly accounts: readonly AccountKeeper[];
  readonly workers: readonly RoomWorker[];
  /** Adds a room at run time. */
  addRoom(room: StoredRoom): void;
  /** A room changed on its platform; `address` is its resolved or its written one. */
  roomChanged(platform: PlatformName, address: string): void;
  /** A room was replaced by another: stores that, and its waiting deliveries go there. Both are resolved addresses. */
  roomReplaced(platform: PlatformName, from: string, to: string): Promise<void>;
  start(): void;
  /** Lets every send in flight end until `now` is aborted, then ends the workers. */
  stop(now: AbortSignal): Promise<void>;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { db, directory, clock, log, tell } = options;
  const stopping = new AbortController();
  const keepers = options.adapters.map((adapter) =>
    createAccountKeeper({
      adapter,
      clock,
      log,
      onBroken: (reason) => options.onAccountBroken(adapter.platform, reason),
      onWorks: () => tell(`${adapter.platform} works`, `${adapter.platform} takes messages from us again.`),
    }),
  );
  const workers = new Map<number, RoomWorker>();
  let isStarted = false;
  for (const room of options.rooms) addRoom(room);
  directory.onWake((id) => workers.get(id)?.wake());

  function addRoom(room: StoredRoom): void {
    directory.set(room.address, room.id);
    if (workers.has(room.id)) return;
    const keeper = keepers.find((k) => k.adapter.platform === room.platform);
    if (keeper === undefined) throw new Error(`no adapter for ${room.platform}`);
    const onSameRoom = (id: number) => {
      directory.set(room.address, id);
      workers.get(id)?.wake();
    };
    const worker = createRoomWorker({ ...options, keeper, waves: options.wavesOf(room), room, onSameRoom });
    workers.set(room.id, worker);
    if (isStarted) worker.start();
  }
  const workersOf = (platform: PlatformName, address: string) =>
    [...workers.values()].filter(
      ({ gate }) => gate.room.platform === platform && [gate.address, writtenAddress(gate.room)].includes(address),
    );
  let pruning: Promise<void> | null = null;
  let watching: Promise<void> | null = null;
  let changes: Promise<void> | null = null;

  /** Wakes rooms for which another process (`lookout outbox retry`) left something to do. */
  async function followChanges(): Promise<void> {
    await watchChanges(db, clock, stopping.signal, {
      async onChange() {
        for (const id of await roomsWithWork(db)) workers.get(id)?.wake();
      },
      onFailure: (err) => logFailure(log, err, {}, 'could not look for changes of another process; retrying in 1 s'),
    });
  }

  async function prune(): Promise<void> {
    await sleep(clock, PRUNE_FIRST_MS, stopping.signal);
    for (; !stopping.signal.aborted; await sleep(clock, PRUNE_EVERY_MS, stopping.signal)) {
      try {
        const until = await pruneUntil(db, options.keepMs, clock.now());
        while (!stopping.signal.aborted && (await pruneBatch(db, until)) > 0)
          await sleep(clock, PRUNE_PAUSE_MS, stopping.signal);
      } catch (err) {
        logFailure(log, err, {}, 'could not delete old deliveries; retrying in an hour');
      }
    }
  }

  return {
    accounts: keepers,
    get workers() {
      return [...workers.values()];
    },
    addRoom,
    roomChanged(platform, address) {
      for (const worker of workersOf(platform, address)) worker.changed();
    },
    async roomReplaced(platform, from, to) {
      await noteReplaced(db, { platform, from, to, now: clock.now() });
      for (const worker of workersOf(platform, from)) if (worker.gate.address === from) worker.replaced(to);
    },
    start() {
      isStarted = true;
      for (const keeper of keepers) keeper.start();
      for (const worker of workers.values()) worker.start();
      pruning ??= prune();
      changes ??= followChanges();
      watching ??= watchStoreFile(db, clock, log, stopping.signal).catch((err) =>
        log.error({ err }, 'could not watch the database file'),
      );
    },
    async stop(now) {
      stopping.abort();
      await Promise.all([...workers.values()].map((worker) => worker.stop(now)));
      await Promise.all(keepers.map((keeper) => keeper.stop()));
      await pruning;
      await watching;
      await changes;
    },
  };
}
