import { counted } from '../../../text/counted.ts';
import type { Machine } from './machine.ts';
import type { Refusal } from './refusal.ts';
import type { Readers } from './room-keys.ts';

/** The most people whose devices are counted. */
const MOST_PEOPLE = 500;

/** Says to people who can read an encrypted room. `people`: those in it; or why nothing can be sent. */
export async function describeEncryption(
  machine: Machine | null,
  people: readonly string[] | Refusal,
  readers: Readers,
): Promise<string> {
  if ('kind' in people)
    return people.kind === 'unusable' ? `yes, but ${people.reason}` : 'yes; the homeserver did not say who is here';
  const lockedOut = machine === null ? 0 : await countLockedOut(machine, people, readers);
  const which = readers === 'all_devices' ? 'for all devices' : 'for devices that their owner has signed';
  return lockedOut === null || lockedOut === 0
    ? `yes, ${which}`
    : `yes, ${which}; ${counted(lockedOut, 'person', 'people')} here cannot read it, since they have none`;
}

/** Counts the people who have no device that gets the keys of our messages; null: they are too many to count. */
async function countLockedOut(machine: Machine, people: readonly string[], readers: Readers): Promise<number | null> {
  if (people.length > MOST_PEOPLE) return null;
  let count = 0;
  for (const person of people) if (!(await canRead(machine, person, readers))) count++;
  return count;
}

async function canRead(machine: Machine, person: string, readers: Readers): Promise<boolean> {
  const { UserId } = machine.library;
  const found = await machine.call('devices', (olm) => olm.getUserDevices(new UserId(person)));
  const devices = found.devices();
  try {
    return devices.some((device) => readers === 'all_devices' || device.isCrossSignedByOwner());
  } finally {
    // Else they keep the databases open.
    for (const device of devices) device.free();
    found.free();
  }
}
