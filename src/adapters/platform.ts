import type { Readable } from 'node:stream';
import type { PlatformRules } from '../config/platform.ts';
import type { Network } from '../http/network.ts';
import type { Log } from '../log.ts';
import type { StoredTokens } from '../store/credentials.ts';
import type { Device, EncryptionChanges, KeptDatabase, MessageIndex } from '../store/encryption-state.ts';
import type { Clock } from '../time/clock.ts';
import type { Account, Adapter } from './adapter.ts';
import type { Inspection, InspectRequest } from './inspection.ts';
import type { PlatformSetup } from './setup.ts';
import type { OpenShard, OtherShards, ShardParts } from './shards.ts';
import type { DrawSketch } from './sketch.ts';
import type { PlatformTool } from './tool.ts';

/**
 * A chat platform. This is all that the rest of Lookout knows of one: to add a platform is to write a folder that exports such
 * a value, and to put it into the list in `platforms.ts`.
 */
export interface Platform<Settings extends object = object> extends PlatformRules<Settings> {
  /** The metrics that only this platform has. */
  readonly counters: readonly PlatformCounter[];
  /**
   * Why nothing can ever be shown there again once the account is broken, for the log; null: it may work again. When nothing but
   * such rooms is left, the process ends.
   */
  readonly brokenForGood: string | null;
  /** The way in which an operator gets an account there; null: it has none. */
  readonly setup: PlatformSetup | null;
  /** Its own commands for operators: `lookout <name> …`. */
  readonly tools: readonly PlatformTool<Settings>[];
  /**
   * Asks how the account stands in rooms, without a word in any of them: `lookout check --online`. Null: the platform has nothing
   * to ask.
   */
  inspect(settings: Settings, request: InspectRequest): Promise<Inspection> | null;
  /** Makes the adapter of a platform that is set up. The libraries are imported here and not before: they take long to load. */
  createAdapter(settings: Settings, parts: AdapterParts): Promise<Adapter>;
  /** Opens a shard of an account in a unit of its own; missing: its adapter opens all of its connections. */
  openShard?(settings: Settings, parts: ShardParts): Promise<OpenShard>;
  /** Draws a message as it looks there, without an account; missing: it cannot be drawn. */
  readonly sketch?: DrawSketch;
}

export interface PlatformCounter {
  /** Its name without `lookout_<platform>_`: `invalid_requests_total`. */
  readonly name: string;
  readonly help: string;
}

/** The parts of the program that an adapter may use. */
export interface AdapterParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly network: Network;
  readonly terminal: Terminal;
  /** The position up to which the account's events were read, kept per account and device. */
  readonly position: Position;
  /** Missing: each process keeps only its own pace. */
  readonly turns?: Turns;
  readonly credentials: Credentials;
  readonly encryption: EncryptionStore;
  /** The shards that other units of work open; missing: there are no such units. */
  readonly otherShards?: OtherShards;
  /** True if the configuration lets people of the platform change rooms whom the platform itself may not let. */
  readonly namesChangers: boolean;
  /** Ends the process, because it cannot go on: `reason` is for the log. */
  end(reason: string): void;
  /** Adds one to a counter of the platform, by its name. */
  count(counter: string): void;
}

/** The terminal that Lookout runs in. */
export interface Terminal {
  /** Shows text. Rejects if its reader is gone. */
  readonly write: (text: string) => Promise<void>;
  readonly color: boolean;
  /** The number of columns; null: not limited. */
  readonly columns: number | null;
  /** Where people type; null: nowhere. */
  readonly input: Readable | null;
}

/** Where an account keeps tokens that it got while Lookout ran. */
export interface Credentials {
  /** Returns null if there are none. `origin`: tokens of that origin count even if the account had another name before. */
  load(origin?: string): Promise<StoredTokens | null>;
  /** Resolves when they are stored for good. */
  save(tokens: StoredTokens): Promise<void>;
}

export interface Position {
  /** Returns null if nothing was read before. */
  load(account: Account): Promise<string | null>;
  save(account: Account, position: string): Promise<void>;
}

/** Turns that all processes share. */
export interface Turns {
  /** Takes a turn of an account, if the last one was taken at least `everyMs` ago. Returns 0 if so, or else the time until then, ms. */
  take(account: Account, everyMs: number): Promise<number>;
}

/** Where end-to-end encryption keeps its state. Each call resolves when all of it is stored for good. */
export interface EncryptionStore {
  /** Returns the databases of a device; none: its encryption never began here. */
  load(device: Device): Promise<readonly KeptDatabase[]>;
  /** Writes whole databases. */
  replace(device: Device, databases: readonly KeptDatabase[]): Promise<void>;
  /** Writes changes, and what is to be written in the same transaction. `changes` is asked for within it. */
  write(changes: () => EncryptionChanges, also?: EncryptionWrite): Promise<void>;
  /** Returns the private keys that sign the devices of an account; null: there are none. */
  loadIdentity(account: string): Promise<string | null>;
  saveIdentity(account: string, seeds: string): Promise<void>;
  /** Deletes what is kept of the account's other devices: its access tokens of then are of no use any more. */
  forgetOtherDevices(device: Device): Promise<void>;
  /** Returns the rooms of an account in which encryption was seen, with the content of their `m.room.encryption`. */
  rooms(account: string): Promise<ReadonlyMap<string, string>>;
  saveRoom(account: string, room: string, content: string): Promise<void>;
  /** Notes the event that was read with an index. Returns false if another event was. */
  noteRead(index: MessageIndex, event: string): Promise<boolean>;
}

export interface EncryptionWrite {
  /** A new position, up to which the account's events were read. */
  readonly position?: { readonly account: Account; readonly token: string };
  /** The index of a message of ours that is about to be sent. */
  readonly sealed?: MessageIndex;
}
