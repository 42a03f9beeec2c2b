import type { CommandsConfig, RoomCommands } from './config.ts';
import { type Context, textWarning } from './context.ts';
import { readKeys } from './key.ts';
import type { IdRules, PlatformRules } from './platform.ts';
import { readIds } from './read-ids.ts';
import { commandsKeys, roomCommandsKeys } from './room-keys.ts';
import type { Mapping } from './tree.ts';

/** `commands:`, with its defaults. What is wrong in it is reported. */
export function readCommands(context: Context, map: Mapping | null): CommandsConfig {
  const { platforms } = context;
  const { rooms, per_room, users, servers } = readKeys(context, map, commandsKeys(platforms));
  const serverRules = platforms.flatMap(({ people }) => people.server ?? []);
  return {
    ...{ rooms, perRoom: per_room },
    users: readIds(context, users, usersOf(platforms), 'person'),
    servers: readIds(context, servers, serverRules),
  };
}

/**
 * `rooms.*.commands`: who may change that room. Reports what is wrong, and warns of what has no effect in a room of this
 * platform.
 */
export function readRoomCommands(context: Context, map: Mapping | null, platform: PlatformRules): RoomCommands {
  const { platforms } = context;
  const { title, people } = platform;
  const { users, roles, power } = readKeys(context, map, roomCommandsKeys(platforms));
  for (const text of users) {
    const isOf = (rules: IdRules) => rules.isId(text.value.trim());
    if (!usersOf(platforms).some(isOf) || usersOf([platform]).some(isOf)) continue;
    const right = people.trusted === null ? 'remove it, or write it at another room' : `remove it: ${people.trusted}`;
    textWarning(context, text, 0, `no person has such an id in a room of ${title}`, right);
  }
  if (roles[0] && people.role === null)
    textWarning(context, roles[0], 0, `there are no roles in a room of ${title}`, 'remove "roles"');
  const powerEntry = map?.entries.get('power');
  if (powerEntry && people.power === null) {
    const others = platforms.filter((each) => each.people.power !== null).map((each) => each.title);
    const right = `remove "power", which is of ${others.join(' and ')}`;
    context.report.warning(powerEntry.keyOffset, `there is no power in a room of ${title}`, right);
  }
  return {
    users: readIds(context, users, usersOf(platforms), 'person'),
    roles: readIds(
      context,
      roles,
      platforms.flatMap((each) => each.people.role ?? []),
    ),
    power,
  };
}

const usersOf = (platforms: readonly PlatformRules[]) => platforms.flatMap(({ people }) => people.user ?? []);
