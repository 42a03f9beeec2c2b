import type { Platform } from '../words.ts';
import type { CommandsConfig, RoomCommands } from './config.ts';
import { type Context, textWarning } from './context.ts';
import { readIds } from './read-ids.ts';
import { readNumber } from './read-number.ts';
import { getText, getTexts, type Mapping } from './tree.ts';

/** `commands:`, with its defaults. What is wrong in it is reported. */
export function readCommands(context: Context, map: Mapping | null): CommandsConfig {
  return {
    rooms: getText(map, 'rooms')?.value === 'any' ? 'any' : 'listed',
    perRoom: readNumber(context, map, 'per_room', 0, 10_000) ?? 50,
    users: readIds(context, getTexts(map, 'users'), 'person'),
    servers: readIds(context, getTexts(map, 'servers'), 'server'),
  };
}

/** `rooms.*.commands`: who may change that room. What is wrong is reported, and what has no effect in a room of that chat. */
export function readRoomCommands(context: Context, map: Mapping | null, platform: Platform): RoomCommands {
  const users = getTexts(map, 'users');
  const roles = getTexts(map, 'roles');
  for (const text of users) {
    if (platform === (text.value.trim().startsWith('@') ? 'matrix' : 'discord')) continue;
    const right =
      platform === 'console'
        ? 'remove it: whoever has the terminal may change it'
        : 'remove it, or write it at another room';
    textWarning(context, text, 0, `nobody is called so in a room of ${names[platform]}`, right);
  }
  if (roles[0] && platform !== 'discord')
    textWarning(context, roles[0], 0, `there are no roles in a room of ${names[platform]}`, 'remove "roles"');
  const power = map?.entries.get('power');
  if (power && platform !== 'matrix')
    context.report.warning(
      power.keyOffset,
      `there is no power in a room of ${names[platform]}`,
      'remove "power", which is of Matrix',
    );
  return {
    users: readIds(context, users, 'person'),
    roles: readIds(context, roles, 'role'),
    power: readNumber(context, map, 'power', -100, 1_000),
  };
}

const names: Readonly<Record<Platform, string>> = { discord: 'Discord', matrix: 'Matrix', console: 'the console' };
