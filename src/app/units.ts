import { accountsOf } from '../account-id.ts';
import type { Platform } from '../adapters/platform.ts';
import type { ShardId } from '../adapters/shards.ts';
import type { Config } from '../config/config.ts';
import { leaderUnit } from '../store/postgres/unit-names.ts';
import type { AccountId } from '../words.ts';

const accountPrefix = 'account:';

/** Returns the unit of an account: its rooms, gateway or sync, limits, state of encryption, and the commands of its rooms. */
export const unitOfAccount = (account: AccountId) => `${accountPrefix}${account}`;

/** Returns the unit of a shard of an account. */
export const unitOfShard = (account: AccountId, { id, count }: ShardId) =>
  `${unitOfAccount(account)}/shard ${id} of ${count}`;

const shardUnit = /^account:(.+)\/shard (\d+) of (\d+)$/;

/** Returns the shard of a unit, and its account; null: it is not that of a shard. */
export function shardOfUnit(unit: string): { readonly account: AccountId; readonly shard: ShardId } | null {
  const [, account, id, count] = shardUnit.exec(unit) ?? [];
  return account === undefined ? null : { account, shard: { id: Number(id), count: Number(count) } };
}

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

/** Returns the units of the accounts in use, the leader first. `shardsOf`: the number of shards that an account wants. */
export function unitsOf(accounts: readonly AccountId[], shardsOf: (account: AccountId) => number): readonly string[] {
  const shards = accounts.flatMap((account) => othersOf(shardsOf(account)).map((shard) => unitOfShard(account, shard)));
  return [leaderUnit, ...accounts.map(unitOfAccount), ...shards];
}

/** Returns the shards of so many that units of their own open: the account opens the first by itself. Pure. */
export const othersOf = (count: number): readonly ShardId[] =>
  Array.from({ length: Math.max(0, count - 1) }, (_, index) => ({ id: index + 1, count }));
