import type { ToDeviceRequest } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Log } from '../../../log.ts';
import { printable } from '../printable.ts';
import type { Rooms } from '../rooms.ts';
import type { EncryptedRooms } from './encrypted-rooms.ts';
import { createLock } from './locks.ts';
import type { Machine } from './machine.ts';
import { type Refusal, refusalOf, unusable } from './refusal.ts';
import type { MachineRequests } from './requests.ts';

/** The devices that get the keys of our messages. */
export type Readers = 'signed_devices' | 'all_devices';

export interface RoomKeysOptions {
  readonly machine: Machine;
  readonly requests: MachineRequests;
  readonly rooms: Rooms;
  readonly encrypted: EncryptedRooms;
  readonly readers: Readers;
  readonly log: Log;
}

/** Gives the devices in rooms the keys of our messages. */
export class RoomKeys {
  readonly #options: RoomKeysOptions;
  /** Two claims at once would take two one-time keys of a device. */
  readonly #claiming = createLock();
  /** The members of rooms as they were when their devices were asked for. */
  readonly #tracked = new Map<string, ReadonlySet<string>>();

  constructor(options: RoomKeysOptions) {
    this.#options = options;
  }

  /** Makes sure that the devices of everybody in a room are known. */
  async track(room: string, signal: AbortSignal): Promise<readonly string[] | Refusal> {
    const { machine, requests, rooms } = this.#options;
    const members = await rooms.members(room, signal);
    if ('kind' in members) return { kind: 'failed', failure: members };
    const users = [...members];
    if (this.#tracked.get(room) !== members) {
      await machine.call('tracked users', (olm) => olm.updateTrackedUsers(machine.users(users)));
      this.#tracked.set(room, members);
    }
    return refusalOf(await requests.pump(signal)) ?? users;
  }

  /**
   * Makes sure that the devices of everybody in a room have the key of our next message. Until all of them were told, nothing may
   * be sent: a message that comes before its key is shown as unreadable.
   */
  async share(room: string, signal: AbortSignal): Promise<Refusal | null> {
    const users = await this.track(room, signal);
    if ('kind' in users) return users;
    return (await this.#claim(users, signal)) ?? this.#give(room, users, signal);
  }

  /** Opens channels to devices with which there is none yet. */
  #claim(users: readonly string[], signal: AbortSignal): Promise<Refusal | null> {
    const { machine, requests } = this.#options;
    return this.#claiming.run(async () => {
      const request = await machine.call('missing sessions', (olm) => olm.getMissingSessions(machine.users(users)));
      return request ? refusalOf(await requests.make(request, signal)) : null;
    });
  }

  async #give(room: string, users: readonly string[], signal: AbortSignal): Promise<Refusal | null> {
    const { machine, requests, log } = this.#options;
    const { RoomId } = machine.library;
    let share: readonly ToDeviceRequest[];
    try {
      share = await machine.call('sharing a key', (olm) =>
        olm.shareRoomKey(new RoomId(room), machine.users(users), this.#settings(room)),
      );
    } catch (err) {
      // Else a key stays in memory that we cannot read our own messages with (measured, 18.9.0).
      await machine.call('invalidating a session', (olm) => olm.invalidateGroupSession(new RoomId(room)));
      log.error(
        { platform: 'matrix', room: printable(room), err },
        'the key of a message could not be given to the room',
      );
      // The library refuses, as while our device is not signed any more.
      const reason = printable(err instanceof Error ? err.message : String(err));
      return unusable(`the keys of messages could not be given to the devices in the room: ${reason}`);
    }
    for (const request of share) {
      const failure = await requests.make(request, signal);
      if (failure !== null) return refusalOf(failure);
    }
    return null;
  }

  #settings(room: string) {
    const { machine, encrypted, readers } = this.#options;
    const { CollectStrategy, EncryptionAlgorithm, EncryptionSettings, HistoryVisibility } = machine.library;
    const { rotateAfterMessages, rotateAfterMs } = encrypted.settings(room);
    const settings = new EncryptionSettings();
    settings.algorithm = EncryptionAlgorithm.MegolmV1AesSha2;
    settings.historyVisibility = HistoryVisibility.Shared;
    settings.sharingStrategy =
      readers === 'all_devices' ? CollectStrategy.allDevices() : CollectStrategy.identityBasedStrategy();
    if (rotateAfterMessages !== null) settings.rotationPeriodMessages = BigInt(rotateAfterMessages);
    // In microseconds.
    if (rotateAfterMs !== null) settings.rotationPeriod = BigInt(rotateAfterMs) * 1_000n;
    return settings;
  }
}
