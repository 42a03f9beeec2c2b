import type { AccountId, Json } from '../words.ts';
import type { WantedShards } from './share.ts';
import { shardOfUnit, unitOfAccount, unitOfShard } from './units.ts';

/** An account that has several shards: their number, the id of the account on its platform, and what each is given. */
interface ShardedAccount {
  readonly count: number;
  readonly user: string;
  readonly hint: Json;
}

/** Knows the shards that the accounts want, in this process and in others, also while an account changes hands. */
export class ShardsOfAccounts {
  readonly #factsOf: (unit: string) => Json;
  readonly #known = new Map<AccountId, ShardedAccount>();

  /** `factsOf`: returns the facts about a unit here or elsewhere; null: there are none. */
  constructor(factsOf: (unit: string) => Json) {
    this.#factsOf = factsOf;
  }

  /** Returns the shards that an account wanted when it was last heard of; null: it did not say. */
  of(account: AccountId): ShardedAccount | null {
    const { shards, user, shardHint: hint = null } = fieldsOf(this.#factsOf(unitOfAccount(account)));
    if (typeof shards === 'number' && typeof user === 'string') this.#known.set(account, { count: shards, user, hint });
    return this.#known.get(account) ?? null;
  }

  readonly countOf = (account: AccountId): number => this.of(account)?.count ?? 1;

  /** Returns true if a unit is a shard of a user as which its account was not logged in when `of` was last called. */
  isOfOldUser(unit: string): boolean {
    const of = shardOfUnit(unit);
    const known = of === null ? undefined : this.#known.get(of.account);
    const { user } = fieldsOf(this.#factsOf(unit));
    return known !== undefined && typeof user === 'string' && user !== known.user;
  }

  /** An account has other settings, perhaps another user: it says anew who it is. */
  forget(account: AccountId): void {
    this.#known.delete(account);
  }

  /** Returns the shards of an account whose unit begins here. */
  wantedBy(account: AccountId): WantedShards {
    let wanted: WantedShards['wanted'] = null;
    return {
      get wanted() {
        return wanted;
      },
      want(count, hint) {
        wanted = { count, hint };
      },
      isUp: (shard) => fieldsOf(this.#factsOf(unitOfShard(account, shard))).isUp === true,
    };
  }
}

function fieldsOf(facts: Json): { readonly [key: string]: Json | undefined } {
  return typeof facts === 'object' && facts !== null && !Array.isArray(facts) ? (facts as { [key: string]: Json }) : {};
}
