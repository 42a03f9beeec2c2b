import { platformOfAccount } from '../account-id.ts';
import type { Account, Adapter } from '../adapters/adapter.ts';
import type { Waves } from '../config/config.ts';
import type { PlatformRules } from '../config/platform.ts';
import type { Log, SentLevel } from '../log.ts';
import type { TellOperators } from '../notices/operator-notices.ts';
import type { EventCache } from '../store/event-cache.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import type { Writer } from '../store/writer.ts';
import type { Clock } from '../time/clock.ts';
import type { AccountId } from '../words.ts';
import type { Draw } from './compose/draw.ts';
import type { RoomWorkOptions } from './room/do-work.ts';
import { createRoomWorker, type RoomWorker, type RoomWorkerOptions } from './room/worker.ts';
import type { RoomDirectory } from './room-directory.ts';
import { type StoredRoom, writtenAddress } from './rows/rooms.ts';
import { moveStrays, noteReplaced } from './rows/same-room.ts';
import type { SendSafeguards } from './rules/safeguards.ts';
import { type AccountKeeper, createAccountKeeper } from './send/account.ts';
import { keepUp } from './upkeep.ts';

/** An account of ours, and the adapter that speaks for it. */
export interface AccountAdapter {
  readonly id: AccountId;
  readonly adapter: Adapter;
}

export interface OutboxOptions {
  readonly db: Database;
  readonly writer: Writer;
  readonly events: EventCache;
  readonly rooms: readonly StoredRoom[];
  readonly directory: RoomDirectory;
  /** The accounts at the start. */
  readonly accounts: readonly AccountAdapter[];
  /** Every platform, those without an adapter too. */
  readonly platforms: readonly PlatformRules[];
  readonly draw: Draw;
  readonly storedUntil: RoomWorkOptions['storedUntil'];
  /** Returns the id of the mute that stops an event in a room now; null: none. */
  readonly mutedBy: RoomWorkOptions['mutedBy'];
  /** Returns the users as which accounts that other processes work on are logged in, as far as is known. */
  readonly usersElsewhere: () => ReadonlyMap<AccountId, string>;
  /** Returns true if a mute stops a whole room now. */
  readonly isPaused: (roomId: number, now: number) => boolean;
  readonly onTookOver: RoomWorkerOptions['onTookOver'];
  /** Returns why a held delivery needs no message any more; null: it needs one. */
  readonly cancelReason: RoomWorkOptions['cancelReason'];
  /** Returns the waves of a room, for when more comes than it takes; null: one message an event. */
  readonly wavesOf: (room: StoredRoom) => Waves | null;
  /** Returns the time for which settled rows are kept, ms; null: another process deletes them. */
  readonly keepMs: (() => number) | null;
  /** Returns the ids of the rooms here in which something waits. */
  readonly roomsWithWork: () => Promise<readonly number[]>;
  /** Called when another process wrote something that concerns everybody. */
  readonly onChange: () => void;
  /** Called when a platform begins to take nothing from an account. */
  readonly onAccountBroken: (account: AccountId, reason: string) => void;
  readonly tell: TellOperators;
  readonly clock: Clock;
  readonly log: Log;
  /** The level of the line about each message that went out. */
  readonly sentLevel: SentLevel;
  readonly safeguards: SendSafeguards;
}

/** The workers of all rooms, and the accounts that they share. */
export interface Outbox {
  readonly accounts: readonly AccountKeeper[];
  readonly workers: readonly RoomWorker[];
  /** Returns the worker of a room; undefined if there is none. */
  worker(roomId: number): RoomWorker | undefined;
  /** Adds a room at run time. It begins when an earlier worker of it has ended. */
  addRoom(room: StoredRoom): void;
  /** Ends the worker of a room after its send in flight was settled. */
  removeRoom(roomId: number): Promise<void>;
  /** Adds an account at run time. It logs in when it is started. */
  addAccount(account: AccountAdapter): AccountKeeper;
  /** Ends an account that has no rooms any more. Its adapter goes on until it is stopped. */
  removeAccount(id: AccountId): Promise<void>;
  /** Another user or server takes the messages of an account: every room is checked before the next one. */
  accountChanged(id: AccountId): void;
  /** A room of an account changed on its platform; `address` is its resolved or its written one. */
  roomChanged(id: AccountId, address: string): void;
  /** A room of an account was replaced by another: stores that, and its waiting deliveries go there. Both are resolved addresses. */
  roomReplaced(id: AccountId, from: string, to: string): Promise<void>;
  start(): void;
  /** Lets every send in flight end until `now` is aborted, then ends the workers. */
  stop(now: AbortSignal): Promise<void>;
}

export function createOutbox(options: OutboxOptions): Outbox {
  return new OutboxOfRooms(options);
}

class OutboxOfRooms implements Outbox {
  readonly #accounts: AccountKeeper[];
  readonly #options: OutboxOptions;
  readonly #workers = new Map<number, RoomWorker>();
  /** The rooms that turned out to be another one, by their ids. */
  readonly #sameAs = new Map<number, number>();
  /** The ends of workers that still settle a send, by their rooms. */
  readonly #ending = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  #isStarted = false;
  #upkeep: Promise<void> | null = null;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#accounts = options.accounts.map((account) => this.#keeperOf(account));
    for (const room of options.rooms) this.addRoom(room);
    options.directory.onWake((id) => this.#wake(id));
  }

  get accounts(): readonly AccountKeeper[] {
    return this.#accounts;
  }

  get workers(): readonly RoomWorker[] {
    return [...this.#workers.values()];
  }

  worker(roomId: number): RoomWorker | undefined {
    return this.#workers.get(roomId);
  }

  addRoom(room: StoredRoom): void {
    const { directory, wavesOf } = this.#options;
    directory.set(room.address, room.id);
    if (this.#workers.has(room.id)) return;
    const keeper = this.accounts.find(({ id }) => id === room.account);
    if (keeper === undefined) throw new Error(`no adapter for ${room.account}`);
    const onSameRoom = (id: number) => {
      directory.set(room.address, id);
      this.#sameAs.set(room.id, id);
      // Another account may have it, elsewhere.
      directory.wake([id]);
    };
    this.#sameAs.delete(room.id);
    const worker = createRoomWorker({ ...this.#options, keeper, waves: wavesOf(room), room, onSameRoom });
    this.#workers.set(room.id, worker);
    if (!this.#isStarted || this.#stopping.signal.aborted) return;
    const ending = this.#ending.get(room.id);
    if (ending === undefined) worker.start();
    else void ending.then(() => worker.start());
  }

  async removeRoom(roomId: number): Promise<void> {
    const worker = this.#workers.get(roomId);
    if (worker !== undefined) {
      this.#workers.delete(roomId);
      const before = this.#ending.get(roomId);
      const ended: Promise<void> = Promise.all([before, worker.stop(this.#stopping.signal)]).then(() => {
        if (this.#ending.get(roomId) === ended) this.#ending.delete(roomId);
      });
      this.#ending.set(roomId, ended);
    }
    await this.#ending.get(roomId);
  }

  addAccount(account: AccountAdapter): AccountKeeper {
    const keeper = this.#keeperOf(account);
    this.#accounts.push(keeper);
    return keeper;
  }

  async removeAccount(id: AccountId): Promise<void> {
    const at = this.#accounts.findIndex((keeper) => keeper.id === id);
    const [keeper] = at === -1 ? [] : this.#accounts.splice(at, 1);
    await keeper?.stop();
  }

  accountChanged(id: AccountId): void {
    for (const worker of this.workers) if (worker.gate.room.account === id) worker.changed();
  }

  roomChanged(id: AccountId, address: string): void {
    for (const worker of this.#workersOf(id, address)) worker.changed();
  }

  async roomReplaced(id: AccountId, from: string, to: string): Promise<void> {
    const { db, clock } = this.#options;
    await noteReplaced(db, { account: id, from, to, now: clock.now() });
    for (const worker of this.#workersOf(id, from)) if (worker.gate.address === from) worker.replaced(to);
  }

  start(): void {
    this.#isStarted = true;
    for (const keeper of this.accounts) keeper.start();
    for (const worker of this.workers) worker.start();
    const wakeAll = (roomIds: Iterable<number>) => {
      for (const id of roomIds) this.#wake(id);
    };
    this.#upkeep ??= keepUp(this.#options, wakeAll, this.#stopping.signal);
  }

  async stop(now: AbortSignal): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.workers.map((worker) => worker.stop(now)), ...this.#ending.values()]);
    await Promise.all(this.accounts.map((keeper) => keeper.stop()));
    await this.#upkeep;
  }

  /** Returns false if the room is worked on elsewhere. */
  #wake(roomId: number): boolean {
    const sameAs = this.#sameAs.get(roomId);
    if (sameAs !== undefined) {
      void this.#moveStrays(roomId, sameAs);
      return true;
    }
    const worker = this.#workers.get(roomId);
    worker?.wake();
    return worker !== undefined;
  }

  /** Moves what was stored for a room before its writer learned that it is another one. */
  async #moveStrays(from: number, to: number): Promise<void> {
    const { db, directory, clock, log } = this.#options;
    try {
      if (await moveStrays(db, from, to, clock.now())) directory.wake([to]);
    } catch (err) {
      logFailure(
        log,
        err,
        { room: from },
        'deliveries could not be moved to the room that they are for; retrying later',
      );
    }
  }

  /** Returns the workers of an account's rooms with this resolved or written address. */
  #workersOf(id: AccountId, address: string): readonly RoomWorker[] {
    return this.workers.filter(
      ({ gate }) => gate.room.account === id && [gate.address, writtenAddress(gate.room)].includes(address),
    );
  }

  #keeperOf({ id, adapter }: AccountAdapter): AccountKeeper {
    const { clock, log, tell, onAccountBroken } = this.#options;
    return createAccountKeeper({
      id,
      adapter,
      clock,
      log,
      sameUser: (account) => this.#sameUser(id, account),
      onBroken: (reason) => onAccountBroken(id, reason),
      onUnreachable: (reason) =>
        tell(`${id} unreachable`, `${id} does not let us log in: ${reason}. Its rooms wait, nothing is lost.`, id),
      onWorks: () => tell(`${id} works`, `${id} takes messages from us again.`, { corrects: id }),
    });
  }

  /** Returns another account of the platform that is logged in as the same user; null: there is none. */
  #sameUser(id: AccountId, { id: user }: Account): AccountId | null {
    const platform = platformOfAccount(id);
    const others = this.accounts.filter((keeper) => keeper.id !== id && platformOfAccount(keeper.id) === platform);
    const here = others.find(({ state }) => state.state === 'ready' && state.account.id === user);
    if (here !== undefined) return here.id;
    const elsewhere = [...this.#options.usersElsewhere()];
    return elsewhere.find(([account, its]) => platformOfAccount(account) === platform && its === user)?.[0] ?? null;
  }
}
