import type { Log } from '../../../log.ts';
import type { Secret } from '../../../secrets/secret.ts';
import type { MessageIndex } from '../../../store/encryption-state.ts';
import { type JsonObject, objectOf } from '../../../text/json.ts';
import type { Clock } from '../../../time/clock.ts';
import type { Account, Sealing } from '../../adapter.ts';
import type { EncryptionStore } from '../../platform.ts';
import type { HomeserverClient } from '../client.ts';
import { printable } from '../printable.ts';
import type { Rooms } from '../rooms.ts';
import { describeEncryption } from './describe.ts';
import type { EncryptedRooms } from './encrypted-rooms.ts';
import { createLocks } from './locks.ts';
import { KeptStateError, Machine } from './machine.ts';
import { messageIndexOf } from './message-index.ts';
import { changedUsers, receiveSync } from './receive-sync.ts';
import { type Refusal, unusable } from './refusal.ts';
import { MachineRequests } from './requests.ts';
import { type Readers, RoomKeys } from './room-keys.ts';
import { TrustGate } from './trust-gate.ts';

export interface EncryptionOptions {
  readonly client: HomeserverClient;
  readonly rooms: Rooms;
  readonly encrypted: EncryptedRooms;
  readonly store: EncryptionStore;
  readonly storeKey: Uint8Array | null;
  readonly recoveryKey: Secret | null;
  readonly readers: Readers;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Ends the process. */
  readonly end: (reason: string) => void;
}

/** A message of an encrypted room. */
export type Reading =
  | { readonly outcome: 'read'; readonly event: JsonObject; readonly index: MessageIndex | null }
  /** Its key may still come. */
  | { readonly outcome: 'noKey' }
  /** The encryption cannot be used now; `isPassing`: it may be in a moment. */
  | { readonly outcome: 'later'; readonly isPassing: boolean; readonly reason: string }
  | { readonly outcome: 'unreadable'; readonly reason: string };

/** The parts of a device's encryption. */
interface Opened {
  readonly machine: Machine;
  readonly requests: MachineRequests;
  readonly keys: RoomKeys;
}

/**
 * The largest content that is encrypted, in bytes of JSON: 48,385 are 64,941 as an event, of which 65,536 are allowed (measured,
 * Synapse 1.163).
 */
const mostBytes = 47_000;

/** The encryption of an account. It is opened when the first encrypted room is seen, and at the start if one was seen before. */
export class AccountEncryption {
  readonly #options: EncryptionOptions;
  readonly #lockOf = createLocks();
  readonly #whenKeys = new Set<(rooms: readonly string[]) => void>();
  #account: Account | null = null;
  #opening: Promise<Opened | Refusal> | null = null;
  #trust: TrustGate;
  #answering: Promise<void> = Promise.resolve();
  #isEnded = false;

  constructor(options: EncryptionOptions) {
    this.#options = options;
    this.#trust = new TrustGate(options);
  }

  /** Takes the account that the token is of. Throws if the store fails. */
  async login(account: Account): Promise<void> {
    if (this.#account?.id === account.id && this.#account.device === account.device) return;
    await this.#options.encrypted.load(account.id);
    // First: those who ask from now on are given the new device.
    this.#account = account;
    await this.#closeOpened();
  }

  /** Returns why nothing can be encrypted in a room; null: it can. */
  async obstacle(room: string, signal: AbortSignal): Promise<Refusal | null> {
    const { foreignAlgorithm } = this.#options.encrypted.settings(room);
    if (foreignAlgorithm !== null)
      return unusable(`the room is encrypted with ${printable(foreignAlgorithm)}, which Lookout does not know`);
    const opened = await this.#open();
    return 'kind' in opened ? opened : this.#trust.refusal(opened, signal);
  }

  /** Says to people how a room is encrypted. */
  async describe(room: string): Promise<string> {
    const { readers, signal } = this.#options;
    const [opened, refused] = [await this.#open(), await this.obstacle(room, signal)];
    const people = 'kind' in opened ? opened : (refused ?? (await opened.keys.track(room, signal)));
    return describeEncryption('kind' in opened ? null : opened.machine, people, readers);
  }

  /** Encrypts a content. The result must be stored before its first byte leaves. */
  seal(room: string, content: JsonObject, signal: AbortSignal): Promise<Sealing | Refusal | 'tooLarge'> {
    // Two at once could both take the last message of a key, at which the library panics.
    return this.#lockOf(room).run(async () => {
      const text = JSON.stringify(content);
      if (Buffer.byteLength(text) > mostBytes) return 'tooLarge';
      const opened = await this.#open();
      if ('kind' in opened) return opened;
      const refused = (await this.obstacle(room, signal)) ?? (await opened.keys.share(room, signal));
      if (refused !== null) return refused;
      const { machine } = opened;
      const { RoomId } = machine.library;
      const payload = await machine.call('encryption', (olm) =>
        olm.encryptRoomEvent(new RoomId(room), 'm.room.message', text),
      );
      const index = messageIndexOf(JSON.parse(payload));
      if (index === null) throw new Error('the encryption library gave a message without an index');
      return { payload, index, changes: () => machine.changes(), stored: (changes) => machine.kept(changes) };
    });
  }

  /** Keeps what an encrypted message changed, for one that is stored nowhere. */
  async keep(sealing: Sealing): Promise<void> {
    const opened = await this.#open();
    if (!('kind' in opened)) await opened.machine.commit({ sealed: sealing.index });
  }

  /**
   * Reads an encrypted event. `isTrusted`: only if its sender's device is signed by its owner, or was known before there was
   * cross-signing.
   */
  async read(room: string, event: JsonObject, isTrusted: boolean): Promise<Reading> {
    const opened = await this.#open();
    if ('kind' in opened) return unread(opened);
    const { machine, keys } = opened;
    const { DecryptionSettings, MegolmDecryptionError, DecryptionErrorCode, RoomId, TrustRequirement } =
      machine.library;
    if (isTrusted) {
      const { signal } = this.#options;
      // A person is trusted when their devices were asked for.
      const known = (await this.#trust.refusal(opened, signal)) ?? (await keys.track(room, signal));
      if ('kind' in known) return unread(known);
    }
    const settings = new DecryptionSettings(
      isTrusted ? TrustRequirement.CrossSignedOrLegacy : TrustRequirement.Untrusted,
    );
    try {
      const decrypted = await machine.call('decryption', (olm) =>
        olm.decryptRoomEvent(JSON.stringify(event), new RoomId(room), settings),
      );
      const clear = objectOf(JSON.parse(decrypted.event));
      decrypted.free();
      return { outcome: 'read', event: { ...event, ...clear }, index: messageIndexOf(event.content) };
    } catch (error) {
      if (!(error instanceof MegolmDecryptionError)) throw error;
      const isLate =
        error.code === DecryptionErrorCode.MissingRoomKey || error.code === DecryptionErrorCode.UnknownMessageIndex;
      return isLate && error.withheldCode === undefined
        ? { outcome: 'noKey' }
        : { outcome: 'unreadable', reason: error.maybe_withheld ?? error.description };
    } finally {
      settings.free();
    }
  }

  /** Calls back with rooms when keys for messages in them came. Returns a function that ends it. */
  onKeys(callback: (rooms: readonly string[]) => void): () => void {
    this.#whenKeys.add(callback);
    return () => this.#whenKeys.delete(callback);
  }

  /**
   * Takes what a sync brought for the encryption. The homeserver deletes messages to our device at the next request with the new
   * position: `commit` must come before it. `isFirst`: the sync began afresh.
   */
  async received(body: JsonObject, isFirst: boolean): Promise<void> {
    if (this.#opening === null && this.#options.encrypted.isEmpty) return;
    const opened = await this.#open();
    if ('kind' in opened) return;
    const { machine } = opened;
    // Another client may have replaced the keys that sign our device.
    if (changedUsers(body).includes(machine.device.account)) this.#trust.lookAgain();
    await receiveSync(machine, body);
    // Without a position the homeserver does not say which devices are new.
    if (isFirst) await machine.call('tracked users', (olm) => olm.markAllTrackedUsersAsDirty());
  }

  /** Keeps what came, with the position of the sync if that may be saved. Returns false if there is no encryption to keep. */
  async commit(token: string | null): Promise<boolean> {
    const account = this.#account;
    if (this.#opening === null || account === null) return false;
    const opened = await this.#opening;
    // What came for the encryption was not taken: after a restart with the right key it is asked for again.
    if ('kind' in opened) return true;
    await opened.machine.commit(token === null ? {} : { position: { account, token } });
    this.#answering = this.#answerSync(opened);
    return true;
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#isEnded = true;
    await this.#closeOpened();
  }

  async #closeOpened(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    this.#trust = new TrustGate(this.#options);
    const opened = await opening?.catch(() => null);
    await this.#answering;
    if (opened && !('kind' in opened)) await opened.machine.close();
  }

  /** Publishes new one-time keys, asks for changed devices: what the sync made necessary. */
  async #answerSync(opened: Opened): Promise<void> {
    const { log, signal } = this.#options;
    try {
      if ((await this.#trust.refusal(opened, signal)) === null) await opened.requests.pump(signal);
    } catch (err) {
      if (!signal.aborted)
        log.error({ platform: 'matrix', err }, 'the encryption could not answer the sync; it is tried again');
    }
  }

  async #open(): Promise<Opened | Refusal> {
    if (this.#isEnded || this.#account === null) return notOpen;
    this.#opening ??= this.#openOnce().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #openOnce(): Promise<Opened | Refusal> {
    const { client, rooms, encrypted, store, storeKey: key, readers, clock, log, end } = this.#options;
    const { id, device } = this.#account ?? { id: '', device: null };
    if (device === null)
      return unusable('the access token is of no device, and only a device can encrypt: log the bot in');
    try {
      const machine = await Machine.open({ device: { account: id, device }, store, key, clock, end });
      if (machine.isFresh && key === null)
        log.info({ platform: 'matrix' }, 'the store keeps the keys of encrypted rooms as they are (no store_key)');
      if (key !== null && machine.isPlain)
        log.warn(
          { platform: 'matrix' },
          'store_key was added after the keys of this device: they stay in the store as they are. A new login (lookout login matrix) makes keys that are encrypted',
        );
      const requests = new MachineRequests(machine, client);
      const keys = new RoomKeys({ machine, requests, rooms, encrypted, readers, log });
      await machine.call('callbacks', async (olm) =>
        olm.registerRoomKeyUpdatedCallback(async (infos) => {
          const ids = infos.map((info) => info.roomId.toString());
          for (const callback of this.#whenKeys) callback(ids);
        }),
      );
      return { machine, requests, keys };
    } catch (error) {
      if (!(error instanceof KeptStateError)) throw error;
      log.error({ platform: 'matrix', reason: error.message }, `encrypted rooms get nothing: ${error.message}`);
      return unusable(error.message);
    }
  }
}

const notOpen: Refusal = {
  kind: 'failed',
  failure: { kind: 'unanswered', written: false, text: 'no device is logged in' },
};

function unread(refusal: Refusal): Reading {
  const isPassing = refusal.kind === 'failed';
  return { outcome: 'later', isPassing, reason: isPassing ? 'the homeserver did not answer' : refusal.reason };
}
