import type { AccountId, Json } from '../words.ts';
import type { WantedShards } from './share.ts';
import { shardOfUnit, unitOfAccount, unitOfShard } from './units.ts';

/** An account that has several shards: their number, and the id of the account on its platform. */
interface ShardedAccount {
  readonly count: number;
  readonly user: string;
}

/** Knows the shards that the accounts want, in this process and in others, also while an account changes hands. */
export class ShardsOfAccounts {
  readonly #factsOf: (unit: string) => Json;
  readonly #known = new Map<AccountId, ShardedAccount>();
  /** The number of shards that each account here wants. */
  readonly #wanted = new Map<AccountId, number>();

  /** `factsOf`: returns the facts about a unit here or elsewhere; null: there are none. */
  constructor(factsOf: (unit: string) => Json) {
    this.#factsOf = factsOf;
  }

  /** Returns the shards that an account wanted when it was last heard of; null: it did not say. */
  of(account: AccountId): ShardedAccount | null {
    const { shards, user } = fieldsOf(this.#factsOf(unitOfAccount(account)));
    if (typeof shards === 'number' && typeof user === 'string') this.#known.set(account, { count: shards, user });
    return this.#known.get(account) ?? null;
  }

  readonly countOf = (account: AccountId): number => this.of(account)?.count ?? 1;

  /** Returns true if a unit is a shard of a user as which its account is not logged in any more. */
  isOfOldUser(unit: string): boolean {
    const of = shardOfUnit(unit);
    const known = of === null ? null : this.of(of.account);
    const { user } = fieldsOf(this.#factsOf(unit));
    return known !== null && typeof user === 'string' && user !== known.user;
  }

  /** An account has other settings, perhaps another user: it says anew what it wants. */
  forget(account: AccountId): void {
    this.#known.delete(account);
    this.#wanted.delete(account);
  }

  /** Returns the shards of an account whose unit begins here. */
  wantedBy(account: AccountId): WantedShards {
    const wanted = this.#wanted;
    wanted.delete(account);
    return {
      get wanted() {
        return wanted.get(account) ?? null;
      },
      want(count) {
        wanted.set(account, count);
      },
      isUp: (shard) => fieldsOf(this.#factsOf(unitOfShard(account, shard))).isUp === true,
    };
  }
}

function fieldsOf(facts: Json): { readonly [key: string]: Json | undefined } {
  return typeof facts === 'object' && facts !== null && !Array.isArray(facts) ? (facts as { [key: string]: Json }) : {};
}
