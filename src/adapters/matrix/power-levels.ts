import { type JsonObject, listOf, objectOf } from '../../text/json.ts';

/**
 * Reads the content of `m.room.power_levels` and `m.room.create`
 * (https://spec.matrix.org/v1.16/client-server-api/#mroompower_levels).
 */

/** `events_default` and `users_default` if a room does not name them. */
export const defaultLevel = 0;
/** `state_default` if a room does not name it. */
const defaultStateLevel = 50;

/** Returns the power of `user`. */
export function powerOf(levels: JsonObject, user: string): number {
  return level(objectOf(levels.users)[user]) ?? level(levels.users_default) ?? defaultLevel;
}

/** Returns the power that a message needs. */
export function powerToSpeak(levels: JsonObject): number {
  return level(objectOf(levels.events)['m.room.message']) ?? level(levels.events_default) ?? defaultLevel;
}

/** Returns the power that a change of the room's settings needs. */
export function powerToManage(levels: JsonObject): number {
  return level(levels.state_default) ?? defaultStateLevel;
}

/** Returns the power that a change of the powers needs. */
export function levelToGrant(levels: JsonObject): number {
  return level(objectOf(levels.events)['m.room.power_levels']) ?? powerToManage(levels);
}

/** Returns the people with a power of their own, the greatest first. */
export function powersOf(levels: JsonObject): readonly (readonly [person: string, power: number])[] {
  return Object.entries(objectOf(levels.users))
    .map(([person, power]) => [person, level(power) ?? defaultLevel] as const)
    .toSorted(([, a], [, b]) => b - a);
}

/**
 * Returns true if `user` stands above all levels. `created` is the whole `m.room.create` event: from room version 12 on, creators
 * are in no list (https://spec.matrix.org/v1.16/rooms/v12/).
 */
export function isAboveLevels(created: JsonObject, user: string): boolean {
  const { room_version: version, additional_creators: more } = objectOf(created.content);
  return Number(version) >= 12 && (created.sender === user || listOf(more).includes(user));
}

/** Old rooms hold power levels as texts. */
function level(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : null;
}
