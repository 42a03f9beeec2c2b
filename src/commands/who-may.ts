import type { PeopleRules } from '../config/platform.ts';
import type { Asker } from './invocation.ts';

/** The people who may change a room, beside those whom the platform lets. */
export interface Changers {
  /** Platform ids of people. */
  readonly users: readonly string[];
  /** Ids of roles, where the platform has such. */
  readonly roles: readonly string[];
  /** Servers, all of whose people may. */
  readonly servers: readonly string[];
  /** The power that is needed, where people have such; null: the platform's own default. */
  readonly power: number | null;
}

/** Returns true if somebody may change what a room hears. Asked at every use: a platform's own lists are only a hint. */
export function mayChange(asker: Asker, changers: Changers, people: PeopleRules): boolean {
  if (changers.users.includes(asker.id)) return true;
  if (asker.roles.some((role) => changers.roles.includes(role))) return true;
  const server = people.server?.serverOf(asker.id) ?? null;
  if (server !== null && changers.servers.includes(server)) return true;
  return changers.power === null || asker.power === null ? asker.manages : asker.power >= changers.power;
}
