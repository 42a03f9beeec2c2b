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
    facts.set(account, { shards: 2, user: '7' });
    expect(shards.of('discord')).toEqual({ count: 2, user: '7' });
    facts.delete(account);
    expect(shards.countOf('discord')).toBe(2);
    facts.set(account, { shards: null, user: null });
    expect(shards.countOf('discord')).toBe(2);
  });

  it('are over when their account is logged in as another user', () => {
    facts.set(account, { shards: 2, user: '7' }).set(shard, { isUp: true, user: '7' });
    expect(shards.isOfOldUser(shard)).toBe(false);
    facts.set(account, { shards: null, user: null });
    expect(shards.isOfOldUser(shard)).toBe(false);
    facts.set(account, { shards: 2, user: '8' });
    expect([shard, account].map((unit) => shards.isOfOldUser(unit))).toEqual([true, false]);
  });

  it('are asked for anew after a change of settings, and when the account begins', () => {
    facts.set(account, { shards: 2, user: '7' });
    expect(shards.countOf('discord')).toBe(2);
    const before = shards.wantedBy('discord');
    before.want(2);
    facts.delete(account);
    shards.forget('discord');
    expect([shards.countOf('discord'), before.wanted]).toEqual([1, null]);
    before.want(3);
    expect([before.wanted, shards.wantedBy('discord').wanted]).toEqual([3, null]);
  });
});
