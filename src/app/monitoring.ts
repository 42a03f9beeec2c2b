import type { Adapter } from '../adapters/adapter.ts';
import type { Platform } from '../adapters/platform.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Parts } from '../metrics/set-from-parts.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { withoutSecrets } from '../secrets/without-secrets.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import type { Event, PlatformName } from '../words.ts';

/** Answers questions about Lookout over HTTP, if the configuration has `metrics:`. */
export interface Monitoring {
  /** Returns the adapter with its sends counted. */
  readonly counted: (adapter: Adapter) => Adapter;
  readonly received: (event: Event) => void;
  /** Increments a counter of a platform. */
  readonly count: (platform: PlatformName, counter: string) => void;
  /** Starts to answer. Throws a `MetricsStartError` if it cannot listen. */
  start(parts: Parts, db: Database): Promise<void>;
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

const nothing: Monitoring = {
  counted: (adapter) => adapter,
  received() {},
  count() {},
  async start() {},
  async stop() {},
};

export async function createMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const { config, version, clock, log } = options;
  const listen = config.metrics;
  if (listen === null) return nothing;
  // Imported only if it is configured.
  const { createMetrics } = await import('../metrics/metrics.ts');
  const { startMetricsServer } = await import('../metrics/metrics-server.ts');
  const { causesOfUnreadiness } = await import('../metrics/readiness.ts');
  const platforms = platformsInUse(config, options.platforms);
  const metrics = createMetrics({
    platforms,
    counters: countersOf(options.platforms),
    catalogue: config.catalogue,
    version,
    clock,
    log,
  });
  let stop = async () => {};

  function causes({ source, outbox }: Parts): string[] {
    const accounts = accountsOf(outbox, platforms);
    const found = causesOfUnreadiness({ source: { name: config.source.name, state: source.state }, accounts });
    return found.map((cause) => withoutSecrets(cause, config.secrets));
  }

  return {
    counted: metrics.counted,
    received: metrics.received,
    count: metrics.count,
    async start(parts, db) {
      metrics.watch(parts, db);
      const server = await startMetricsServer({ ...listen, metrics, causesOfUnreadiness: () => causes(parts), log });
      stop = server.stop;
      log.info({ url: server.url }, `metrics are served at ${server.url}/metrics`);
    },
    stop: () => stop(),
  };
}

/** Returns the configured platforms; one that is always there counts if a room is on it. */
function platformsInUse({ chats, rooms }: Config, platforms: readonly Platform[]): readonly PlatformName[] {
  const isInUse = ({ name, settings }: Platform) =>
    settings.example === null ? rooms.some((room) => room.platform === name) : chats[name] != null;
  return platforms.filter(isInUse).map(({ name }) => name);
}

const countersOf = (platforms: readonly Platform[]) =>
  platforms.flatMap(({ name, counters }) => counters.map((counter) => ({ platform: name, ...counter })));

function accountsOf({ accounts }: Pick<Outbox, 'accounts'>, platforms: readonly PlatformName[]) {
  const asked = accounts.filter(({ adapter }) => platforms.includes(adapter.platform));
  return asked.map(({ adapter, state }) => ({ platform: adapter.platform, state }));
}
