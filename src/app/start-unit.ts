import type { Outbox } from '../outbox/outbox.ts';
import { accountTrouble, connectionTrouble } from '../outbox/send/account-state.ts';
import type { ReloaderOptions } from '../reload/reloader.ts';
import { asStoreError } from '../store/store-errors.ts';
import type { Clock } from '../time/clock.ts';
import type { Json } from '../words.ts';
import { createApply } from './apply-config.ts';
import { storeNameOf } from './build-base.ts';
import { buildShare, type SharedWork, sourceFactsOf } from './build-work.ts';
import { createLifecycle } from './lifecycle.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions, Ending } from './options.ts';
import type { Share } from './share.ts';

/** A unit of the work that runs in this process. */
export interface RunningUnit {
  readonly name: string;
  /** Resolves only if the process cannot continue. */
  readonly ending: Promise<Ending>;
  /** Returns what other processes show about it. */
  facts(): Json;
  /** Returns those of the facts that say who it is logged in as, and its shards; null: nothing. The cost does not grow with its rooms. */
  login(): Json;
  /** Closes everything, after at most `graceMs` for sends in flight, and gives the lease away. */
  stop(graceMs: number): Promise<void>;
}

/** The unit of the leader, or of an account. */
export interface Unit extends SharedWork, RunningUnit {
  /** The clock of the database, which all processes share. */
  readonly clock: Clock;
  /** Puts a configuration into effect in this unit. */
  readonly apply: ReloaderOptions['apply'];
}

export interface UnitOptions extends AppOptions {
  readonly share: Share;
  readonly monitoring: Monitoring;
}

/** Starts one unit of the work under its lease. Throws a `StoreError` with advice for the operator. */
export async function startUnit(options: UnitOptions): Promise<Unit> {
  const { share, monitoring, config } = options;
  const lifecycle = createLifecycle(options);
  const { promise: ending, resolve: end } = Promise.withResolvers<Ending>();
  try {
    const work = await buildShare(options, { monitoring, end }, lifecycle);
    const facts = () => factsOf(options, work);
    const login = () => (share.account === null ? null : loginOf(options, work.delivery.outbox));
    const { clock } = work.base;
    const apply = createApply({ ...options, clock }, { ...work, monitoring });
    return { ...work, name: share.unit, clock, ending, apply, facts, login, stop: lifecycle.stop };
  } catch (err) {
    await lifecycle.stop(0);
    throw asStoreError(storeNameOf(config), err);
  }
}

/** The facts about an account that are asked for often. */
export type LoginFacts = {
  /** The user as which it is logged in; null: it is not, or its process has an earlier version. */
  readonly user: string | null;
  /** The number of shards that it wants, and what each is given; missing: it does not know, or its process has an earlier version. */
  readonly shards?: number;
  readonly shardHint?: Json;
};

/** The facts about an account that other processes show. */
export type AccountFacts = LoginFacts & {
  /** Why nothing goes out over it; null: it works. */
  readonly trouble: string | null;
  /** Which of its connections are down, over which commands come; null or missing: none, or its process has an earlier version. */
  readonly connections?: string | null;
  /** Why rooms take no messages, by their ids. */
  readonly refusals: Readonly<Record<string, string>>;
};

/** Most rooms that take no messages of which others are told. */
const MOST_REFUSALS = 100;

function factsOf(options: UnitOptions, { ingest, inputs, delivery, following }: SharedWork): Json {
  const { pipeline } = ingest;
  if (inputs !== null && pipeline !== undefined)
    return { ...sourceFactsOf(options, { ingest: { ...ingest, pipeline }, inputs }), read: following.version() };
  const { accounts, workers } = delivery.outbox;
  const broken = workers.flatMap(({ gate }) => (gate.broken === null ? [] : [[gate.room.id, gate.broken.reason]]));
  return {
    ...loginOf(options, delivery.outbox),
    trouble: accounts.map(({ state }) => accountTrouble(state)).find((text) => text !== null) ?? null,
    connections: connectionTrouble(accounts.flatMap(({ adapter }) => adapter.connections())),
    refusals: Object.fromEntries(broken.slice(0, MOST_REFUSALS)),
  };
}

function loginOf({ share }: Pick<UnitOptions, 'share'>, { accounts }: Pick<Outbox, 'accounts'>): LoginFacts {
  const { wanted } = share.shards;
  const users = accounts.map(({ state }) => (state.state === 'ready' ? state.account.id : null));
  return {
    user: users.find((id) => id !== null) ?? null,
    ...(wanted !== null && { shards: wanted.count, shardHint: wanted.hint }),
  };
}
