import { type JsonObject, listOf, objectOf, textOf } from '../../text/json.ts';
import type { HomeserverClient } from './client.ts';
import type { Failure } from './exchange.ts';

/** Facts about our rooms, fetched from the homeserver if they are not known. */
export interface Rooms {
  /** Finds out if a room is encrypted. A failure means that it could not be found out, and that nothing may be sent. */
  encryption(room: string, signal: AbortSignal): Promise<'plain' | 'encrypted' | Failure>;
  /** Encryption was seen in a room. True when that is news. It is never switched off again, so it is never forgotten. */
  markEncrypted(room: string): boolean;
  /** Says if the sync reports changes. While it does not, every fact is fetched again. */
  setWatched(watched: boolean): void;
  /** Returns the reason why `user` may not speak in `room`, with a remedy; null if they may. */
  obstacle(room: string, user: string, signal: AbortSignal): Promise<string | Failure | null>;
  /** Fetches the power of a person; if that fails, they have none. `manages`: may change the room's settings. */
  power(
    room: string,
    user: string,
    signal: AbortSignal,
  ): Promise<{ readonly power: number | null; readonly manages: boolean }>;
  /** When we came into a room, Unix milliseconds by the homeserver; 0 where that cannot be found out. */
  joinedAt(room: string, user: string, signal: AbortSignal): Promise<number>;
  /** People came or went. */
  forgetMembers(room: string): void;
  /** Returns true if we are alone with one other person in a room. */
  isDirect(room: string, signal: AbortSignal): Promise<boolean>;
  /** The membership of `user` as the homeserver tells us, `unknown` where it does not. */
  membership(room: string, user: string, signal: AbortSignal): Promise<string | Failure>;
}

export const encryptedReason = 'encrypted: Lookout cannot encrypt yet, use a room without encryption';

/** A state event of a room, looked for. */
type Found = { readonly kind: 'present'; readonly content: JsonObject } | { readonly kind: 'absent' } | Failure;

/** `events_default` and `users_default` where a room does not name them. */
const defaultLevel = 0;
/** `state_default` where a room does not name it. https://spec.matrix.org/v1.16/client-server-api/#mroompower_levels */
const defaultStateLevel = 50;

export function createRooms(client: HomeserverClient): Rooms {
  const encrypted = new Set<string>();
  const plain = new Set<string>();
  /** Asked for at each message of a person, and in a large room a long answer. */
  const direct = new Map<string, boolean>();
  const joins = new Map<string, number>();
  let watched = false;

  const state = (room: string, type: string, key: string, signal: AbortSignal, query: Record<string, string> = {}) => {
    const path = `/rooms/${encodeURIComponent(room)}/state/${type}/${encodeURIComponent(key)}`;
    return client.request({ method: 'GET', path, query }, signal);
  };

  async function content(room: string, type: string, signal: AbortSignal): Promise<Found> {
    const exchange = await state(room, type, '', signal);
    if (exchange.kind === 'ok') return { kind: 'present', content: exchange.body };
    return isAbsent(exchange) ? { kind: 'absent' } : exchange;
  }

  async function missingPower(room: string, user: string, signal: AbortSignal): Promise<string | Failure | null> {
    const found = await content(room, 'm.room.power_levels', signal);
    if (found.kind === 'absent') return null;
    if (found.kind !== 'present') return found;
    const levels = found.content;
    const needs = level(objectOf(levels.events)['m.room.message']) ?? level(levels.events_default) ?? defaultLevel;
    const has = level(objectOf(levels.users)[user]) ?? level(levels.users_default) ?? defaultLevel;
    if (has >= needs || (await isCreator(room, user, signal))) return null;
    return `${user} lacks the power to send m.room.message (needs ${needs}, has ${has}): raise it in the room's permissions`;
  }

  /** From room version 12 on, creators stand above all levels and in no list (https://spec.matrix.org/v1.16/rooms/v12/). */
  async function isCreator(room: string, user: string, signal: AbortSignal): Promise<boolean> {
    const created = await state(room, 'm.room.create', '', signal, { format: 'event' });
    if (created.kind !== 'ok') return false;
    const { room_version: version, additional_creators: more } = objectOf(created.body.content);
    return Number(version) >= 12 && (created.body.sender === user || listOf(more).includes(user));
  }

  const rooms: Rooms = {
    async encryption(room, signal) {
      if (encrypted.has(room)) return 'encrypted';
      if (watched && plain.has(room)) return 'plain';
      const found = await content(room, 'm.room.encryption', signal);
      if (found.kind === 'refused' || found.kind === 'unanswered') return found;
      if (found.kind === 'present') encrypted.add(room);
      else plain.add(room);
      // The sync may have told otherwise while we asked.
      return encrypted.has(room) ? 'encrypted' : 'plain';
    },
    markEncrypted(room) {
      const news = !encrypted.has(room);
      encrypted.add(room);
      return news;
    },
    setWatched(now) {
      watched = now;
      if (!now) direct.clear();
    },
    async power(room, user, signal) {
      const found = await content(room, 'm.room.power_levels', signal);
      if (found.kind === 'refused' || found.kind === 'unanswered') return { power: null, manages: false };
      if (await isCreator(room, user, signal)) return { power: null, manages: true };
      // Without levels the creator alone has any.
      if (found.kind === 'absent') return { power: defaultLevel, manages: false };
      const levels = found.content;
      const power = level(objectOf(levels.users)[user]) ?? level(levels.users_default) ?? defaultLevel;
      return { power, manages: power >= (level(levels.state_default) ?? defaultStateLevel) };
    },
    async joinedAt(room, user, signal) {
      const known = joins.get(room);
      if (known !== undefined) return known;
      const exchange = await state(room, 'm.room.member', user, signal, { format: 'event' });
      const at = exchange.kind === 'ok' ? exchange.body.origin_server_ts : null;
      if (typeof at !== 'number') return 0;
      joins.set(room, at);
      return at;
    },
    forgetMembers(room) {
      direct.delete(room);
      joins.delete(room);
    },
    async isDirect(room, signal) {
      const known = direct.get(room);
      if (watched && known !== undefined) return known;
      const path = `/rooms/${encodeURIComponent(room)}/joined_members`;
      const exchange = await client.request({ method: 'GET', path }, signal);
      if (exchange.kind !== 'ok') return false;
      const isDirect = Object.keys(objectOf(exchange.body.joined)).length === 2;
      direct.set(room, isDirect);
      return isDirect;
    },
    async membership(room, user, signal) {
      const exchange = await state(room, 'm.room.member', user, signal);
      if (exchange.kind === 'ok') return textOf(exchange.body.membership) ?? 'unknown';
      return isAbsent(exchange) || isForbidden(exchange) ? 'unknown' : exchange;
    },
    async obstacle(room, user, signal) {
      const membership = await rooms.membership(room, user, signal);
      if (typeof membership !== 'string') return membership;
      if (membership === 'ban') return `${user} is banned from the room: lift the ban, then invite it`;
      if (membership !== 'join') return `${user} is not in the room: invite it`;
      const replaced = await content(room, 'm.room.tombstone', signal);
      const by = replaced.kind === 'present' ? textOf(replaced.content.replacement_room) : null;
      if (by !== null) return `the room was replaced by ${by}: name that one in the configuration`;
      return missingPower(room, user, signal);
    },
  };
  return rooms;
}

/** "No such state event", in the homeserver's own words: a proxy's 404 says nothing about the room. */
function isAbsent(failure: Failure): boolean {
  return failure.kind === 'refused' && failure.status === 404 && failure.code === 'M_NOT_FOUND';
}

function isForbidden(failure: Failure): boolean {
  return failure.kind === 'refused' && failure.status === 403 && failure.code === 'M_FORBIDDEN';
}

/** Old rooms hold power levels as texts. */
function level(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : null;
}
