import type { Config } from '../config/config.ts';
import { perConfig } from '../config/per-config.ts';
import { compareConfigs } from '../reload/compare.ts';
import type { Lease } from '../store/postgres/lease.ts';
import { leaderUnit } from '../store/postgres/unit-names.ts';
import type { AccountId, Json } from '../words.ts';
import type { FleetWatch } from './fleet-watch.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions } from './options.ts';
import type { ShardsOfAccounts } from './shards-of-accounts.ts';
import { leaderFactsOf, type Share, usersOf } from './share.ts';
import type { Switchboard } from './signals.ts';
import { startShardUnit } from './start-shard-unit.ts';
import { type RunningUnit, startUnit, type Unit } from './start-unit.ts';
import { accountOfUnit, accountsInUse, shardOfUnit, unitOfAccount } from './units.ts';

/** The parts of a process with which its units work. */
export interface UnitParts {
  readonly options: AppOptions;
  /** Returns the configuration in effect. */
  readonly config: () => Config;
  readonly monitoring: Monitoring;
  readonly switchboard: Switchboard;
  readonly shards: ShardsOfAccounts;
  readonly fleet: Pick<FleetWatch, 'lines' | 'difference'>;
  /** Returns the facts about a unit, here or elsewhere; null: there are none. */
  readonly factsOf: (unit: string) => Json;
  /** Returns those of the facts that say who it is logged in as. */
  readonly loginOf: (unit: string) => Json;
}

/** Starts the app of the unit that a lease names. Throws a `StoreError` with advice for the operator. */
export function startUnderLease(lease: Lease, parts: UnitParts): Promise<RunningUnit> {
  const of = shardOfUnit(lease.unit);
  if (of === null) return startAgreed(lease, parts);
  const known = parts.shards.of(of.account);
  if (known === null) throw new Error(`${lease.unit} is not the unit of a shard`);
  const { options, config, monitoring, switchboard } = parts;
  return startShardUnit({
    ...{ ...options, config: withLease(config(), lease), lease, monitoring, clock: lease.clock },
    ...{ ...of, user: known.user, hint: known.hint, join: (onNote) => switchboard.join(onNote) },
  });
}

/** Starts the leader or an account, with the configuration that is in effect when it works. */
async function startAgreed(lease: Lease, parts: UnitParts): Promise<Unit> {
  const { options, config, monitoring } = parts;
  let known = config();
  const share = shareOf(lease.unit, parts);
  const set = { config: withLease(known, lease), lease, monitoring, clock: lease.clock, share };
  const unit = await startUnit({ ...options, ...set });
  try {
    // A reload while it started reached the other units alone.
    while (known !== config()) {
      const now = config();
      await unit.apply(now, compareConfigs(known, now, options.platforms));
      known = now;
    }
  } catch (err) {
    await unit.stop(0);
    throw err;
  }
  return unit;
}

function shareOf(unit: string, parts: UnitParts): Share {
  const { options, config, switchboard, shards, fleet, factsOf, loginOf } = parts;
  const account = accountOfUnit(unit);
  const isOther = (id: AccountId) => id !== account;
  // Every line that a person writes in a room asks for their users.
  const others = perConfig(config, (now) => accountsInUse(now, options.platforms).filter(isOther).map(unitOfAccount));
  return {
    unit,
    account,
    shards: shards.wantedBy(account ?? ''),
    join: (onNote) => switchboard.join(onNote),
    leader: () => leaderFactsOf(factsOf(leaderUnit)),
    users: () => usersOf(others(), loginOf),
    fleet: () => fleet.lines(),
    isAgreed: () => fleet.difference === null,
  };
}

/** No request of a unit may leave without its lease. */
function withLease(config: Config, lease: Lease): Config {
  return { ...config, network: { ...config.network, mayWrite: lease.isHeld } };
}
