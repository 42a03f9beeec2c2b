import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { looksLikeAddress, parseAddress } from './address.ts';
import type { RoomConfig, Waves } from './config.ts';
import { type Context, textError } from './context.ts';
import { readKeys } from './key.ts';
import { wavesKeys } from './keys.ts';
import { platformOf } from './platform.ts';
import { readRoomCommands } from './read-commands.ts';
import { readQuiet } from './read-quiet.ts';
import { getMap, getText, getTexts, type Mapping, type Text } from './tree.ts';

const roomName = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

/** The rooms of a configuration, to be found by what a subscription writes. */
export interface Rooms {
  /** The room that a subscription names, by name or address; null if it is wrong, which is reported. */
  find(text: Text): RoomConfig | null;
  /** Those of `rooms:`, then those that were found by their address alone. */
  readonly all: readonly RoomConfig[];
}

/** Reads `rooms:`. `chats` is needed to know which chats are set up. */
export function readRooms(context: Context, map: Mapping | null, chats: Mapping | null): Rooms {
  const byName = new Map<string, RoomConfig>();
  const byAddress = new Map<string, RoomConfig>();
  const placeOf = new Map<string, number>();

  /** The room at an address, whatever is to be called so. */
  function atAddress(text: Text, name: string | null, block: Mapping | null): RoomConfig | null {
    const address = parseAddress(text.value, context.platforms);
    if (address.outcome === 'problem') {
      textError(context, text, 0, address.wrong, address.right);
      return null;
    }
    const platform = platformOf(context.platforms, address.platform);
    const { example } = platform.settings;
    if (example !== null && !chats?.entries.has(platform.name)) {
      const wrong = `"${address.address}" is a room of ${platform.title}, which is not set up`;
      textError(context, text, 0, wrong, `add "chats: { ${platform.name}: ${example} }"`);
    }
    return {
      name: name ?? address.address,
      address: address.address,
      platform: address.platform,
      timeZone: readTimeZone(context, getText(block, 'timezone')),
      waves: readWaves(context, block),
      quiet: readQuiet(context, getTexts(block, 'quiet')),
      commands: readRoomCommands(context, getMap(block, 'commands'), platform),
    };
  }

  for (const [name, { keyOffset, value }] of map?.entries ?? []) {
    if (!roomName.test(name)) {
      const hint = name.includes('${') ? '; variables are replaced in values only' : '';
      context.report.error(
        keyOffset,
        `"${excerpt(name, 64)}" is not a name for a room`,
        `up to 64 letters, digits, ., - and _${hint}`,
      );
    }
    const block = value.kind === 'map' ? value : null;
    const text = value.kind === 'text' ? value : getText(block, 'to');
    const room = text ? atAddress(text, name, block) : null;
    if (room === null) continue;
    const twin = byAddress.get(room.address);
    if (twin) {
      const line = context.report.position(placeOf.get(room.address)!).line;
      textError(
        context,
        text!,
        0,
        `${room.address} is already the room "${twin.name}" (line ${line})`,
        'give a room one name',
      );
      byName.set(name, twin);
      continue;
    }
    byName.set(name, room);
    byAddress.set(room.address, room);
    placeOf.set(room.address, keyOffset);
  }

  function find(text: Text): RoomConfig | null {
    const written = text.value.trim();
    const named = byName.get(written);
    if (named) return named;
    // A room that is there and wrong has been reported where it stands.
    if (map?.entries.has(written)) return null;
    if (looksLikeAddress(written, context.platforms)) {
      const room = atAddress(text, null, null);
      if (room === null) return null;
      const known = byAddress.get(room.address);
      if (known === undefined) byAddress.set(room.address, room);
      return known ?? room;
    }
    const names = [...(map?.entries.keys() ?? [])];
    const meant = nearest(written, names);
    const others =
      names.length > 0
        ? `rooms are ${names.slice(0, 20).join(', ')}`
        : `add "rooms: { ${roomName.test(written) ? written : 'name'}: ${exampleAddress(context)} }"`;
    textError(
      context,
      text,
      0,
      `unknown room "${excerpt(written, 64)}"`,
      meant !== null ? `did you mean "${meant}"?` : others,
    );
    return null;
  }

  return {
    find,
    get all() {
      return [...byAddress.values()];
    },
  };
}

/** The address of a room that needs no account, if there is such a platform. */
function exampleAddress({ platforms }: Context): string {
  const platform = platforms.find(({ settings }) => settings.example === null) ?? platforms[0];
  return platform === undefined ? 'address' : `"${platform.address.example}"`;
}

function readTimeZone(context: Context, text: Text | null): string {
  if (text === null) return 'UTC';
  const name = text.value.trim();
  if (isTimeZone(name)) return name;
  const meant = nearest(name, Intl.supportedValuesOf('timeZone'));
  textError(
    context,
    text,
    0,
    `"${excerpt(name, 64)}" is not a time zone`,
    meant !== null ? `did you mean ${meant}?` : 'write an IANA name: Europe/Berlin, UTC',
  );
  return 'UTC';
}

/** A name of the IANA database; not an offset, which knows no summer time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
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
