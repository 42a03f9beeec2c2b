import { beforeEach, describe, expect, it } from 'vitest';
import { ShardsOfAccounts } from '../../src/app/shards-of-accounts.ts';
import { unitOfAccount, unitOfShard } from '../../src/app/units.ts';
import type { Json } from '../../src/words.ts';

const account = unitOfAccount('discord');
const shard = unitOfShard('discord', { id: 1, count: 2 });

describe('the shards that accounts want', () => {
  let facts: Map<string, Json>;
  let shards: ShardsOfAccounts;

  beforeEach(() => {
    facts = new Map();
    shards = new ShardsOfAccounts((unit) => facts.get(unit) ?? null);
  });

  it('are known while their account changes hands', () => {
    expect(shards.countOf('discord')).toBe(1);
    facts.set(account, { shards: 2, user: '7', shardHint: 'h' });
    expect(shards.of('discord')).toEqual({ count: 2, user: '7', hint: 'h' });
    facts.delete(account);
    expect(shards.countOf('discord')).toBe(2);
    facts.set(account, { shards: null, user: null });
    expect(shards.countOf('discord')).toBe(2);
  });

  it('are over when their account is logged in as another user', () => {
    facts.set(account, { shards: 2, user: '7' }).set(shard, { isUp: true, user: '7' });
    shards.of('discord');
    expect(shards.isOfOldUser(shard)).toBe(false);
    facts.set(account, { shards: null, user: null });
    expect(shards.isOfOldUser(shard)).toBe(false);
    facts.set(account, { shards: 2, user: '8' });
    shards.of('discord');
    expect([shard, account].map((unit) => shards.isOfOldUser(unit))).toEqual([true, false]);
  });

  it('are known anew after a change of settings, and asked for anew when the account begins', () => {
    facts.set(account, { shards: 2, user: '7' });
    expect(shards.countOf('discord')).toBe(2);
    const before = shards.wantedBy('discord');
    before.want(2, 'h');
    facts.delete(account);
    shards.forget('discord');
    // The account that goes on with its settings does not say it once more.
    expect([shards.countOf('discord'), before.wanted]).toEqual([1, { count: 2, hint: 'h' }]);
    expect(shards.wantedBy('discord').wanted).toBeNull();
  });
});
