import type { AccountId, Json } from '../words.ts';
import type { WantedShards } from './share.ts';
import { unitOfAccount, unitOfShard } from './units.ts';

/** An account that has several shards: their number, and the id of the account on its platform. */
interface ShardedAccount {
  readonly count: number;
  readonly user: string;
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
    const { shards, user } = fieldsOf(this.#factsOf(unitOfAccount(account)));
    if (typeof shards === 'number' && typeof user === 'string') this.#known.set(account, { count: shards, user });
    return this.#known.get(account) ?? null;
  }

  readonly countOf = (account: AccountId): number => this.of(account)?.count ?? 1;

  /** Returns the shards of an account whose unit is here. */
  wantedBy(account: AccountId): WantedShards {
    let wanted: number | null = null;
    return {
      get wanted() {
        return wanted;
      },
      want(count) {
        wanted = count;
      },
      isUp: (shard) => fieldsOf(this.#factsOf(unitOfShard(account, shard))).isUp === true,
    };
  }
}

function fieldsOf(facts: Json): { readonly [key: string]: Json | undefined } {
  return typeof facts === 'object' && facts !== null && !Array.isArray(facts) ? (facts as { [key: string]: Json }) : {};
}
