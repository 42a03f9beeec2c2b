import type { Config } from './config.ts';
import type { PlatformRules } from './platform.ts';

/** Returns true if the configuration names people or roles of the platform who may change rooms. */
export function namesChangers(
  { rooms, commands }: Pick<Config, 'rooms' | 'commands'>,
  { people }: PlatformRules,
): boolean {
  const users = [commands.users, ...rooms.map((room) => room.commands.users)].flat();
  const roles = rooms.flatMap((room) => room.commands.roles);
  return users.some((id) => people.user?.isId(id)) || roles.some((id) => people.role?.isId(id));
}
