import { type JsonObject, listOf, objectOf, textOf } from '../../../text/json.ts';
import type { Machine } from './machine.ts';

/** Returns the users whose devices changed, according to a sync. */
export const changedUsers = (body: JsonObject): readonly string[] => idsIn(objectOf(body.device_lists).changed);

/** Gives the machine the parts of a sync that are about encryption: messages to our device, changed devices, and counts of our keys. */
export async function receiveSync(machine: Machine, body: JsonObject): Promise<void> {
  const { DecryptionSettings, DeviceLists, TrustRequirement } = machine.library;
  const left = idsIn(objectOf(body.device_lists).left);
  const unused = body.device_unused_fallback_key_types;
  await machine.call('sync', (olm) =>
    olm.receiveSyncChanges(
      JSON.stringify(listOf(objectOf(body.to_device).events)),
      new DeviceLists(machine.users(changedUsers(body)), machine.users(left)),
      countsOf(body.device_one_time_keys_count),
      Array.isArray(unused) ? new Set(idsIn(unused)) : undefined,
      new DecryptionSettings(TrustRequirement.Untrusted),
    ),
  );
}

const idsIn = (list: unknown): readonly string[] => listOf(list).flatMap((id) => textOf(id) ?? []);

/** An answer without counts says that there are none: an empty map would have keys published again and again. */
function countsOf(value: unknown): Map<string, number> {
  const counts = Object.entries(objectOf(value)).flatMap(([type, count]) =>
    typeof count === 'number' ? [[type, count] as const] : [],
  );
  return new Map(counts);
}
