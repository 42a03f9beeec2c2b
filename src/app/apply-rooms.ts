import type { Config } from '../config/config.ts';
import {
  announceRooms,
  type ConfiguredRoom,
  readRoomAccounts,
  type StoredRoom,
  storedRoomColumns,
  storeRoom,
  takeRoom,
} from '../outbox/rows/rooms.ts';
import { isSame } from '../reload/same.ts';
import { listStoredSubscriptions } from '../rooms/stored-subscriptions.ts';
import type { Trx } from '../store/tables.ts';
import { sleep } from '../time/clock.ts';
import { allRooms, type Base, readAddresses, storeRoomsOf } from './build-base.ts';
import { type Delivery, wavesOf } from './build-delivery.ts';
import { anyRoomOf, type Ingest, isRoomOf, type Subscribed, warnOfInactive } from './build-ingest.ts';
import type { AppOptions } from './options.ts';
import { hasRoom, isLeader } from './share.ts';
import { roomsAreFree } from './signals.ts';

/** Longest time to wait until the events that were routed before are stored, ms. */
const ROUTED_MS = 5_000;

export interface RoomsParts {
  readonly base: Base;
  readonly delivery: Delivery;
  /** Without a pipeline if another unit listens to the source. */
  readonly ingest: Subscribed & Partial<Pick<Ingest, 'pipeline'>>;
}

/** Begins and ends rooms while Lookout runs. */
export class RoomsInEffect {
  readonly #options: AppOptions;
  readonly #parts: RoomsParts;
  /** The last of the calls, which run one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: AppOptions, parts: RoomsParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Makes the rooms that are new in the configuration in effect, so that events can be sent there. */
  begin(): Promise<void> {
    return this.#inTurn(() => this.#begin());
  }

  /**
   * Makes those rooms of the configuration in effect that another account had when they were looked for. Costs nothing if all
   * are here.
   */
  async beginMissing(): Promise<void> {
    const { share, inEffect, config } = this.#parts.base;
    const known = new Set(inEffect.rooms.map(({ address }) => address));
    const isMissing = (room: ConfiguredRoom) => hasRoom(share, room) && !known.has(room.address);
    if (config().rooms.some(isMissing)) await this.begin();
  }

  /** Parks the deliveries of the rooms that are gone, ends those rooms, and begins anew the ones that changed. */
  settle(before: Config): Promise<void> {
    return this.#inTurn(() => this.#settle(before));
  }

  async #begin(): Promise<void> {
    const { base } = this.#parts;
    const { db, directory, share } = base;
    const known = new Set(base.inEffect.rooms.map(({ address }) => address));
    const wanted = await this.#wanted();
    if (share !== null) {
      if (isLeader(share)) await db.transaction().execute((trx) => announceRooms(trx, wanted));
      await readAddresses(db, directory);
    }
    const begun: StoredRoom[] = [];
    try {
      for (const room of wanted.filter((one) => hasRoom(share, one) && !known.has(one.address))) {
        if (!(await db.transaction().execute((trx) => this.#store(trx, room)))) continue;
        const stored = await db
          .selectFrom('rooms')
          .select(storedRoomColumns)
          .where('address', '=', room.address)
          .executeTakeFirstOrThrow();
        begun.push({ ...stored, name: room.name });
      }
    } finally {
      // Also if a later one failed.
      if (begun.length > 0) await this.#beginStored(begun);
    }
  }

  async #beginStored(begun: readonly StoredRoom[]): Promise<void> {
    const { base, delivery } = this.#parts;
    const { directory, share } = base;
    if (share !== null) {
      // Before the workers begin: another account may have muted a room that is here now.
      await delivery.mutes.changed(...begun.map(({ id }) => id));
      base.inEffect.rooms = [...base.inEffect.rooms, ...begun];
    }
    for (const room of begun)
      if (directory.roomId(room.address) === undefined || !this.#hasWorker(room.id)) delivery.outbox.addRoom(room);
  }

  /** Returns a function that says whether a room takes messages by the configuration in effect. */
  async isRoom(): Promise<(address: string) => boolean> {
    // A command may make a room at any time.
    return anyRoomOf(this.#parts.base.config(), isRoomOf(await this.#wanted()));
  }

  async #settle(before: Config): Promise<void> {
    const { base, delivery, ingest } = this.#parts;
    const { platforms, clock, log } = this.#options;
    const { db, inEffect, directory, config } = base;
    const routed = new AbortController();
    await Promise.race([ingest.pipeline?.idle(), sleep(clock, ROUTED_MS, routed.signal)]);
    routed.abort();
    await this.#endOthers(await this.#wanted());
    const { stored, rooms } = await storeRoomsOf(db, config(), platforms, base.share);
    inEffect.rooms = rooms;
    await this.#endOthers(rooms);
    // Rooms have come from other accounts, and gone to them, with their mutes.
    await delivery.mutes.load();
    if (base.share !== null) for (const room of rooms) if (!this.#hasWorker(room.id)) await this.#beginAnew(room);
    base.signals?.tell(roomsAreFree);
    const rows = await db.selectFrom('rooms').select('id').where('configured', '=', 0).execute();
    const gone = new Set(rows.map(({ id }) => id));
    // A command may make one of them again meanwhile.
    for (const id of gone) if (this.#hasWorker(id)) await this.#beginAnew({ id });
    // Its address led to a room that is gone: it is one of its own from now on.
    const orphans = rooms.filter(({ address }) => gone.has(directory.roomId(address) ?? -1));
    const [wavesBefore, waves] = [wavesOf(before), wavesOf(config())];
    const hasOtherWaves = ({ address }: StoredRoom) => !isSame(wavesBefore(address), waves(address));
    const changed = rooms.filter((room) => this.#isOther(room) || (this.#hasWorker(room.id) && hasOtherWaves(room)));
    for (const room of new Set([...orphans, ...changed])) await this.#beginAnew(room);
    directory.wake(rooms.map(({ id }) => id));
    const isRoom = isRoomOf(await this.#wanted());
    warnOfInactive(stored, { isRoom, file: config().file, log });
  }

  async #wanted() {
    const { db, config } = this.#parts.base;
    const { platforms } = this.#options;
    const [stored, accounts] = [await listStoredSubscriptions(db), await readRoomAccounts(db)];
    return allRooms(config(), { stored, accounts, platforms });
  }

  /** Of a share: ends the workers of all rooms but these, before or after another account may take the others. */
  async #endOthers(rooms: readonly ConfiguredRoom[]): Promise<void> {
    const { share } = this.#parts.base;
    if (share === null) return;
    const ours = new Set(rooms.filter((room) => hasRoom(share, room)).map(({ address }) => address));
    const others = this.#parts.delivery.outbox.workers.filter(({ gate }) => !ours.has(gate.room.address));
    await Promise.all(others.map(({ gate }) => this.#end(gate.room.id)));
  }

  /** Stores a room. Returns false if another account, of another share, has it. */
  async #store(trx: Trx, room: ConfiguredRoom): Promise<boolean> {
    if (this.#parts.base.share !== null) return takeRoom(trx, room);
    await storeRoom(trx, room);
    return true;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #hasWorker(id: number): boolean {
    return this.#parts.delivery.outbox.worker(id) !== undefined;
  }

  /** Returns true if the worker of a room knows it by another name or account. */
  #isOther(room: StoredRoom): boolean {
    const known = this.#parts.delivery.outbox.worker(room.id)?.gate.room;
    return known !== undefined && (known.name !== room.name || known.account !== room.account);
  }

  async #end(roomId: number): Promise<void> {
    await this.#parts.delivery.outbox.removeRoom(roomId);
  }

  async #beginAnew({ id }: Pick<StoredRoom, 'id'>): Promise<void> {
    const { base, delivery } = this.#parts;
    await this.#end(id);
    // The worker may have resolved its address meanwhile.
    const row = await base.db
      .selectFrom('rooms')
      .select(storedRoomColumns)
      .where('id', '=', id)
      .where('configured', '=', 1)
      .executeTakeFirst();
    if (row !== undefined && hasRoom(base.share, row)) delivery.outbox.addRoom(row);
  }
}
