import { platformOfAccount } from '../account-id.ts';
import type { Platform } from '../adapters/platform.ts';
import type { ShardId } from '../adapters/shards.ts';
import { platformOf } from '../config/platform.ts';
import { storeHeard } from '../outbox/rows/heard.ts';
import { followStoreClock } from '../store/clock/follow-clock.ts';
import { logFailure } from '../store/log-failure.ts';
import { openHeld } from '../store/open-place.ts';
import type { Lease } from '../store/postgres/lease.ts';
import { asStoreError } from '../store/store-errors.ts';
import { createTroubleWatch } from '../store/trouble-watch.ts';
import type { AccountId, Json } from '../words.ts';
import { positionOf, turnsOf } from './adapter-stores.ts';
import { storeNameOf } from './build-base.ts';
import { logOf } from './create-adapters.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions } from './options.ts';
import type { Share } from './share.ts';
import type { RunningUnit } from './start-unit.ts';

export interface ShardUnitOptions extends Pick<AppOptions, 'config' | 'platforms' | 'clock' | 'log'> {
  readonly account: AccountId;
  readonly shard: ShardId;
  /** The id of the account on its platform. */
  readonly user: string;
  /** The hint that the account gave with the number of its shards. */
  readonly hint: Json;
  readonly lease: Lease;
  readonly monitoring: Pick<Monitoring, 'count' | 'watch'>;
  readonly join: Share['join'];
}

/** The facts about a shard that other processes show. */
export type ShardFacts = { readonly isUp: boolean; readonly user: string };

/** Opens a shard of an account under the lease of its unit. Throws a `StoreError` with advice for the operator. */
export async function startShardUnit(options: ShardUnitOptions): Promise<RunningUnit> {
  const { config, lease, account } = options;
  const lifecycle = createLifecycle(options);
  try {
    const open = await openShardOf(options, lifecycle);
    const facts = (): ShardFacts => ({ isUp: open.isUp, user: options.user });
    // Its account ends the process if that is needed.
    const ending = new Promise<never>(() => {});
    return { name: lease.unit, ending, facts, login: facts, stop: lifecycle.stop };
  } catch (err) {
    await lifecycle.stop(0);
    throw account in config.chats ? asStoreError(storeNameOf(config), err) : err;
  }
}

async function openShardOf(options: ShardUnitOptions, lifecycle: Lifecycle) {
  const { config, clock: machine, lease, account, shard, user, hint, monitoring } = options;
  const log = logOf(account, options.log);
  const watch = createTroubleWatch({ file: storeNameOf(config), clock: machine, log });
  const store = await openHeld(config.store as Parameters<typeof openHeld>[0], {
    patience: { clock: machine, hurry: lifecycle.hurry, watch },
    lease,
    onFailure: (err) => logFailure(log, err, {}, 'the lock could not be released'),
  });
  lifecycle.onStop('the store', () => store.close());
  const { db } = store;
  const followed = await followStoreClock({ db, clock: machine, log });
  lifecycle.onDrain("the store's clock", (now) => followed.stop(now));
  const { clock } = followed;
  const signals = options.join(() => {});
  lifecycle.onStop('the signals', () => signals.leave());
  const platform: Platform = platformOf(options.platforms, platformOfAccount(account));
  const settings = config.chats[account];
  if (settings == null || platform.openShard === undefined) throw new Error(`${lease.unit} is not set up`);
  const open = await platform.openShard(settings, {
    ...{ shard, user, hint, clock, log, network: config.network },
    position: positionOf(db, account),
    turns: turnsOf(db, account, clock),
    count: (counter) => monitoring.count(platform.name, counter),
    async pass(content) {
      await storeHeard(db, account, { content, at: clock.now() });
      signals.tell({ heard: [account] });
    },
  });
  lifecycle.onStop('the shard', () => open.stop());
  const unwatch = monitoring.watch({ parts: { unit: lease.unit, inputs: null, delivery: null }, store: null });
  lifecycle.onStop('the metrics of the shard', unwatch);
  watch.begin();
  return open;
}
