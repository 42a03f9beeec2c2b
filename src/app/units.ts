import { accountsOf } from '../account-id.ts';
import type { Platform } from '../adapters/platform.ts';
import type { Config } from '../config/config.ts';
import { leaderUnit } from '../store/postgres/unit-names.ts';
import type { AccountId } from '../words.ts';

const accountPrefix = 'account:';

/** Returns the unit of an account: its rooms, gateway or sync, limits, state of encryption, and the commands of its rooms. */
export const unitOfAccount = (account: AccountId) => `${accountPrefix}${account}`;

/** Returns the account of a unit; null: it is the leader. */
export const accountOfUnit = (unit: string): AccountId | null =>
  unit === leaderUnit ? null : unit.slice(accountPrefix.length);

/** Returns the accounts in use; that of a platform which is always there counts if a room is on it. */
export function accountsInUse({ chats, rooms }: Config, platforms: readonly Platform[]): readonly AccountId[] {
  return platforms.flatMap(({ name, settings }) => {
    if (settings.example !== null) return accountsOf(chats, name);
    return rooms.some((room) => room.platform === name) ? [name] : [];
  });
}

/** Returns the units that a configuration has, the leader first. */
export function unitsOf(config: Config, platforms: readonly Platform[]): readonly string[] {
  return [leaderUnit, ...accountsInUse(config, platforms).map(unitOfAccount)];
}
