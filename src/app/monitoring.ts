import { accountsOf } from '../account-id.ts';
import type { Adapter } from '../adapters/adapter.ts';
import type { Platform } from '../adapters/platform.ts';
import type { Config, MetricsConfig } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { MetricsServer } from '../metrics/metrics-server.ts';
import { MetricsStartError } from '../metrics/metrics-start-error.ts';
import type { Parts } from '../metrics/set-from-parts.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { isSame } from '../reload/same.ts';
import { withoutSecrets } from '../secrets/without-secrets.ts';
import type { Clock } from '../time/clock.ts';
import type { AccountId, Event, PlatformName } from '../words.ts';
import type { Base } from './build-base.ts';

/** Answers questions about Lookout over HTTP, while the configuration has `metrics:`. */
export interface Monitoring {
  /** Returns the adapter of an account with its sends counted. */
  readonly counted: (adapter: Adapter, account: AccountId) => Adapter;
  readonly received: (event: Event) => void;
  /** Increments a counter of a platform. */
  readonly count: (platform: PlatformName, counter: string) => void;
  /** Starts to answer. Throws a `MetricsStartError` if it cannot listen. */
  start(parts: Parts, base: Pick<Base, 'db' | 'config'>): Promise<void>;
  /** Answers elsewhere from now on; null: nowhere. Returns the reason, and goes on as before, if it cannot listen there. */
  configure(listen: MetricsConfig | null): Promise<string | null>;
  /** Closes all sockets. */
  stop(): Promise<void>;
}

export interface MonitoringOptions {
  readonly config: Config;
  readonly platforms: readonly Platform[];
  /** The version of Lookout. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

type Server = Pick<MetricsServer, 'stop'>;

export async function createMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const { config: first, version, clock, log } = options;
  let metrics: Metrics | null = null;
  let running: { readonly parts: Parts; readonly base: Pick<Base, 'db' | 'config'> } | null = null;
  let server: Server | null = null;

  /** Creates the metrics when they are first configured: their library takes time to load. */
  async function load(): Promise<Metrics> {
    if (metrics !== null) return metrics;
    const { createMetrics } = await import('../metrics/metrics.ts');
    metrics = createMetrics({
      accounts: accountsInUse(first, options.platforms),
      counters: countersOf(options.platforms),
      catalogue: first.catalogue,
      ...{ version, clock, log },
    });
    if (running !== null) metrics.watch(running.parts, running.base.db);
    return metrics;
  }

  async function causes(): Promise<string[]> {
    const { causesOfUnreadiness } = await import('../metrics/readiness.ts');
    if (running === null) return [];
    const { source, outbox } = running.parts;
    const config = running.base.config();
    const accounts = keptAccounts(outbox, accountsInUse(config, options.platforms));
    const found = causesOfUnreadiness({ source: { name: config.source.name, state: source.state }, accounts });
    return found.map((cause) => withoutSecrets(cause, config.secrets));
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
    async start(parts, base) {
      running = { parts, base };
      metrics?.watch(parts, base.db);
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

/** Returns the configured accounts; that of a platform which is always there counts if a room is on it. */
function accountsInUse({ chats, rooms }: Config, platforms: readonly Platform[]): readonly AccountId[] {
  return platforms.flatMap(({ name, settings }) => {
    if (settings.example !== null) return accountsOf(chats, name);
    return rooms.some((room) => room.platform === name) ? [name] : [];
  });
}

const countersOf = (platforms: readonly Platform[]) =>
  platforms.flatMap(({ name, counters }) => counters.map((counter) => ({ platform: name, ...counter })));

function keptAccounts({ accounts }: Pick<Outbox, 'accounts'>, ids: readonly AccountId[]) {
  const asked = accounts.filter(({ id }) => ids.includes(id));
  return asked.map(({ id, state }) => ({ id, state }));
}
