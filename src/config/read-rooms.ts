import type { Catalogue } from '../catalogue/catalogue.ts';
import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { looksLikeAddress, parseAddress } from './address.ts';
import type { RoomConfig, Waves } from './config.ts';
import { type Context, textError } from './context.ts';
import { readKeys } from './key.ts';
import { platformOf } from './platform.ts';
import { type Chats, readRoomAccount } from './read-chats.ts';
import { readRoomCommands } from './read-commands.ts';
import { readQuiet } from './read-quiet.ts';
import { readTimeZone } from './read-time-zone.ts';
import { maskKeys, wavesKeys } from './room-keys.ts';
import { getMap, getText, type Mapping, type Text, type Tree } from './tree.ts';

/** A name for a room in the configuration. */
export const roomName = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

/** The rooms of a configuration, to be found by what a subscription writes. */
export interface Rooms {
  /** The room that a subscription names, by name or address; null if it is wrong, which is reported. */
  find(text: Text): RoomConfig | null;
  /** Those of `rooms:`, then those that were found by their address alone. */
  readonly all: readonly RoomConfig[];
}

/** The parts of a configuration that its rooms refer to. */
interface RoomReferences {
  /** The chats that the file sets up. */
  readonly chats: Mapping | null;
  readonly accounts: Chats['accounts'];
  readonly catalogue: Catalogue;
  /** True if the configuration names an API. */
  readonly hasApi: boolean;
}

/** Reads `rooms:`. */
export function readRooms(context: Context, map: Mapping | null, references: RoomReferences): Rooms {
  const rooms = new ConfiguredRooms(context, map, references);
  for (const [name, { keyOffset, value }] of map?.entries ?? []) rooms.add(name, keyOffset, value);
  return rooms;
}

class ConfiguredRooms implements Rooms {
  readonly #context: Context;
  /** `rooms:` as written, with the rooms that are wrong. */
  readonly #written: Mapping | null;
  readonly #references: RoomReferences;
  readonly #byName = new Map<string, RoomConfig>();
  readonly #byAddress = new Map<string, RoomConfig>();
  /** Offset of the key of each address in `rooms:`. */
  readonly #places = new Map<string, number>();

  constructor(context: Context, written: Mapping | null, references: RoomReferences) {
    this.#context = context;
    this.#written = written;
    this.#references = references;
  }

  get all(): readonly RoomConfig[] {
    return [...this.#byAddress.values()];
  }

  /** Reads one room of `rooms:`. */
  add(name: string, keyOffset: number, value: Tree): void {
    if (!roomName.test(name)) this.#reportName(name, keyOffset);
    const block = value.kind === 'map' ? value : null;
    const text = value.kind === 'text' ? value : getText(block, 'to');
    const room = text && this.#read(text, name, block);
    if (room === null) return;
    const twin = this.#byAddress.get(room.address);
    this.#byName.set(name, twin ?? room);
    if (twin === undefined) {
      this.#byAddress.set(room.address, room);
      this.#places.set(room.address, keyOffset);
      return;
    }
    const { line } = this.#context.report.position(this.#places.get(room.address)!);
    const wrong = `${room.address} is already the room "${twin.name}" (line ${line})`;
    textError(this.#context, text!, 0, wrong, 'give a room one name');
  }

  find(text: Text): RoomConfig | null {
    const written = text.value.trim();
    const named = this.#byName.get(written);
    if (named) return named;
    // A room that is there and wrong has been reported where it stands.
    if (this.#written?.entries.has(written)) return null;
    if (!looksLikeAddress(written, this.#context.platforms)) {
      this.#reportUnknown(text, written);
      return null;
    }
    const room = this.#read(text, null, null);
    if (room === null) return null;
    const known = this.#byAddress.get(room.address);
    if (known === undefined) this.#byAddress.set(room.address, room);
    return known ?? room;
  }

  /** Reads the room at an address. Without a name it is called by its address; `block` has its other keys. */
  #read(text: Text, name: string | null, block: Mapping | null): RoomConfig | null {
    const context = this.#context;
    const address = parseAddress(text.value, context.platforms);
    if (address.outcome === 'problem') {
      textError(context, text, 0, address.wrong, address.right);
      return null;
    }
    const platform = platformOf(context.platforms, address.platform);
    const { example } = platform.settings;
    if (example !== null && !this.#references.chats?.entries.has(platform.name)) {
      const wrong = `"${address.address}" is a room of ${platform.title}, which is not set up`;
      textError(context, text, 0, wrong, `add "chats: { ${platform.name}: ${example} }"`);
    }
    const account = readRoomAccount(
      context,
      { platform: platform.name, address: text, account: getText(block, 'account') },
      this.#references.accounts,
    );
    if (account === null) return null;
    const timeZone = readTimeZone(context, getText(block, 'timezone')) ?? 'UTC';
    return {
      name: name ?? address.address,
      address: address.address,
      platform: address.platform,
      account,
      timeZone,
      waves: readWaves(context, block),
      masksOffensive: this.#readMask(block),
      quiet: readQuiet(context, block, { timeZone, catalogue: this.#references.catalogue }),
      commands: readRoomCommands(context, getMap(block, 'commands'), platform),
    };
  }

  /** `mask_offensive`, which has no effect without an API. */
  #readMask(block: Mapping | null): boolean {
    const { mask_offensive: isMasked } = readKeys(this.#context, block, maskKeys);
    const place = block?.entries.get('mask_offensive')?.value;
    if (isMasked && place !== undefined && !this.#references.hasApi)
      this.#context.report.warning(
        place.offset,
        'mask_offensive needs source.api, which tells the reasons of a post: without it no title is hidden',
        'add "api:" to "source:"',
      );
    return isMasked;
  }

  #reportName(name: string, keyOffset: number): void {
    const hint = name.includes('${') ? '; variables are replaced in values only' : '';
    const wrong = `"${excerpt(name, 64)}" is not a name for a room`;
    this.#context.report.error(keyOffset, wrong, `up to 64 letters, digits, ., - and _${hint}`);
  }

  #reportUnknown(text: Text, written: string): void {
    const names = [...(this.#written?.entries.keys() ?? [])];
    const meant = nearest(written, names);
    const others =
      names.length > 0
        ? `rooms are ${names.slice(0, 20).join(', ')}`
        : `add "rooms: { ${roomName.test(written) ? written : 'name'}: ${exampleAddress(this.#context)} }"`;
    const right = meant !== null ? `did you mean "${meant}"?` : others;
    textError(this.#context, text, 0, `unknown room "${excerpt(written, 64)}"`, right);
  }
}

/** The address of a room that needs no account, if there is such a platform. */
function exampleAddress({ platforms }: Context): string {
  const platform = platforms.find(({ settings }) => settings.example === null) ?? platforms[0];
  return platform === undefined ? 'address' : `"${platform.address.example}"`;
}

/** The waves of a room that says nothing about them, and of a room that a command made. */
export const defaultWaves: Waves = { digestAbove: wavesKeys.digest_above.byDefault };

/** `rooms.*.waves`, with its default; null: `off`. What is wrong in it is reported. */
function readWaves(context: Context, room: Mapping | null): Waves | null {
  const value = room?.entries.get('waves')?.value;
  if (value?.kind === 'text') {
    if (value.value.trim() === 'off') return null;
    const example = `"off", or keys below it: { digest_above: ${defaultWaves.digestAbove} }`;
    textError(context, value, 0, `"${excerpt(value.value, 40)}" is not a way to treat waves`, `write ${example}`);
    return null;
  }
  const map = value?.kind === 'map' ? value : null;
  return { digestAbove: readKeys(context, map, wavesKeys).digest_above };
}
