import type { Adapter } from '../adapters/adapter.ts';
import type { Platform } from '../adapters/platform.ts';
import type { Config, MetricsConfig } from '../config/config.ts';
import type { CurrentConfig } from '../config/per-config.ts';
import type { Log } from '../log.ts';
import type { CountedStore, Metrics } from '../metrics/metrics.ts';
import type { MetricsServer } from '../metrics/metrics-server.ts';
import { MetricsStartError } from '../metrics/metrics-start-error.ts';
import type { Parts, ProcessParts } from '../metrics/set-from-parts.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { isSame } from '../reload/same.ts';
import { withoutSecrets } from '../secrets/without-secrets.ts';
import type { Clock } from '../time/clock.ts';
import type { AccountId, Event, PlatformName } from '../words.ts';
import { accountsInUse } from './units.ts';

/** Answers questions about Lookout over HTTP, while the configuration has `metrics:`. */
export interface Monitoring {
  /** Returns the adapter of an account with its sends counted. */
  readonly counted: (adapter: Adapter, account: AccountId) => Adapter;
  readonly received: (event: Event) => void;
  /** Increments a counter of a platform. */
  readonly count: (platform: PlatformName, counter: string) => void;
  /** Adds a unit of work: its metrics, and its causes of unreadiness. Returns what takes it away. */
  watch(unit: WatchedUnit): () => void;
  /** True from now on if the database that the processes share does not answer. */
  databaseAway(isAway: boolean): void;
  /** Starts to answer. `config`: returns the configuration in effect. Throws a `MetricsStartError` if it cannot listen. */
  start(config: CurrentConfig): Promise<void>;
  /** Answers elsewhere from now on; null: nowhere. Returns the reason, and goes on as before, if it cannot listen there. */
  configure(listen: MetricsConfig | null): Promise<string | null>;
  /** Closes all sockets. */
  stop(): Promise<void>;
}

/** A unit of work as it is watched. */
export interface WatchedUnit {
  readonly parts: Parts;
  /** The store whose rows this unit counts; null: another one does. */
  readonly store: CountedStore | null;
}

export interface MonitoringOptions {
  readonly config: Config;
  readonly platforms: readonly Platform[];
  /** The version of Lookout. */
  readonly version: string;
  readonly process: ProcessParts;
  readonly clock: Clock;
  readonly log: Log;
}

type Server = Pick<MetricsServer, 'stop'>;

export async function createMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const { config: first, version, process, clock, log } = options;
  let metrics: Metrics | null = null;
  /** The units of work, and what takes their metrics away. */
  const running = new Map<WatchedUnit, () => void>();
  let config: CurrentConfig = () => first;
  let server: Server | null = null;
  let isAway = false;

  /** Creates the metrics when they are first configured: their library takes time to load. */
  async function load(): Promise<Metrics> {
    if (metrics !== null) return metrics;
    const { createMetrics } = await import('../metrics/metrics.ts');
    metrics = createMetrics({
      accounts: accountsInUse(first, options.platforms),
      counters: countersOf(options.platforms),
      catalogue: first.catalogue,
      ...{ version, process, clock, log },
    });
    for (const unit of running.keys()) running.set(unit, metrics.watch(unit.parts, unit.store));
    return metrics;
  }

  async function causes(): Promise<string[]> {
    const { causesOfUnreadiness } = await import('../metrics/readiness.ts');
    if (isAway) return ['the database does not answer'];
    if (running.size === 0) return ['this process stands by: other ones work'];
    const units = [...running.keys()].map(({ parts }) => parts);
    const inputs = units.flatMap((parts) => parts.inputs ?? []);
    const outboxes = units.flatMap(({ delivery }) => delivery?.outbox ?? []);
    const inUse = accountsInUse(config(), options.platforms);
    const found = causesOfUnreadiness({
      sources: inputs.map(({ source }) => ({ name: config().source.name, state: source.state })),
      accounts: outboxes.flatMap((outbox) => keptAccounts(outbox, inUse)),
    });
    return found.map((cause) => withoutSecrets(cause, config().secrets));
  }

  async function serve(listen: MetricsConfig): Promise<void> {
    const served = await load();
    const { startMetricsServer } = await import('../metrics/metrics-server.ts');
    const started = await startMetricsServer({ ...listen, metrics: served, causesOfUnreadiness: causes, log });
    log.info({ url: started.url }, `metrics are served at ${started.url}/metrics`);
    server = started;
  }

  async function stop(): Promise<void> {
    const before = server;
    server = null;
    await before?.stop();
  }

  if (first.metrics !== null) await load();
  let served = first.metrics;
  return {
    counted: (adapter, account) => countedBy(adapter, account, () => metrics),
    received: (event) => metrics?.received(event),
    count: (platform, counter) => metrics?.count(platform, counter),
    watch(unit) {
      running.set(unit, metrics?.watch(unit.parts, unit.store) ?? (() => {}));
      return () => {
        running.get(unit)?.();
        running.delete(unit);
      };
    },
    databaseAway(now) {
      isAway = now;
    },
    async start(current) {
      config = current;
      if (served !== null) await serve(served);
    },
    async configure(listen) {
      if (listen !== null && server !== null && isSame(listen, served)) return null;
      // Two may listen at once, except on one port.
      const before = served?.port === listen?.port && served?.port !== 0 ? null : server;
      if (before === null) await stop();
      try {
        if (listen !== null) await serve(listen);
      } catch (err) {
        if (before === null && served !== null) await serve(served);
        if (!(err instanceof MetricsStartError)) throw err;
        return err.message;
      }
      served = listen;
      if (listen === null) server = null;
      await before?.stop();
      return null;
    },
    stop,
  };
}

/** Returns the adapter with its sends counted, once there are metrics. */
function countedBy(adapter: Adapter, account: AccountId, metrics: () => Metrics | null): Adapter {
  let counted: Adapter | null = null;
  return {
    ...adapter,
    send(request, signal) {
      counted ??= metrics()?.counted(adapter, account) ?? null;
      return (counted ?? adapter).send(request, signal);
    },
  };
}

const countersOf = (platforms: readonly Platform[]) =>
  platforms.flatMap(({ name, counters }) => counters.map((counter) => ({ platform: name, ...counter })));

function keptAccounts({ accounts }: Pick<Outbox, 'accounts'>, ids: readonly AccountId[]) {
  const asked = accounts.filter(({ id }) => ids.includes(id));
  return asked.map(({ id, state, adapter }) => ({ id, state, connections: adapter.connections() }));
}
