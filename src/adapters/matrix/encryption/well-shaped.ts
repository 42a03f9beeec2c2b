import { type JsonObject, objectOf } from '../../../text/json.ts';

/** Parts of an answer about keys that have an entry for each user. */
const byUser = ['one_time_keys', 'device_keys', 'master_keys', 'self_signing_keys', 'user_signing_keys'] as const;

/**
 * Returns an answer about keys without the users, devices and keys that are not in the form of the specification. A homeserver
 * passes on what other servers say of their users, and the library takes an answer as a whole or not at all.
 * https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3keysclaim
 */
export function wellShaped(body: JsonObject): JsonObject {
  const parts = byUser.filter((name) => body[name] !== undefined).map((name) => [name, usersOf(name, body[name])]);
  return { ...body, ...Object.fromEntries(parts) };
}

function usersOf(name: (typeof byUser)[number], value: unknown): JsonObject {
  const named = Object.entries(objectOf(value)).filter(([user]) => isUser(user));
  // A user who is missing in it is asked for again at once.
  if (name === 'device_keys') return mapped(named, (devices) => only(devices, isObject));
  const users = named.filter(([, of]) => isObject(of));
  if (name === 'one_time_keys')
    return mapped(users, (devices) =>
      mapped(Object.entries(only(devices, isObject)), (keys) =>
        Object.fromEntries(Object.entries(objectOf(keys)).filter(([id]) => /^[^:]+:./.test(id))),
      ),
    );
  return Object.fromEntries(users);
}

const mapped = (entries: readonly (readonly [string, unknown])[], change: (value: unknown) => JsonObject): JsonObject =>
  Object.fromEntries(entries.map(([key, value]) => [key, change(value)]));

const only = (value: unknown, isGood: (value: unknown) => boolean): JsonObject =>
  Object.fromEntries(Object.entries(objectOf(value)).filter(([, each]) => isGood(each)));

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** https://spec.matrix.org/v1.18/appendices/#user-identifiers */
export const isUser = (id: string): boolean => /^@[^:\0]*:[^\s\0]+$/.test(id) && Buffer.byteLength(id) <= 255;
