import type { Asker } from './invocation.ts';

/** Who may change a room beside those whom the platform lets. */
export interface Changers {
  /** Platform ids of people. */
  readonly users: readonly string[];
  /** Discord role ids. */
  readonly roles: readonly string[];
  /** Matrix servers, all of whose people may. */
  readonly servers: readonly string[];
  /** The power that is needed in a Matrix room; null: its `state_default`. */
  readonly power: number | null;
}

/** Whether somebody may change what a room hears. Asked at every use: a platform's own lists are only a hint. */
export function mayChange(asker: Asker, changers: Changers): boolean {
  if (changers.users.includes(asker.id)) return true;
  if (asker.roles.some((role) => changers.roles.includes(role))) return true;
  // https://spec.matrix.org/v1.16/appendices/#user-identifiers: the server stands behind the first colon.
  const server = asker.id.startsWith('@') ? asker.id.slice(asker.id.indexOf(':') + 1) : null;
  if (server !== null && changers.servers.includes(server)) return true;
  return changers.power === null || asker.power === null ? asker.manages : asker.power >= changers.power;
}
