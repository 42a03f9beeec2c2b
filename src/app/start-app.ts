import { nameOf } from '../http/proxies.ts';
import { LastReload } from '../reload/last-reload.ts';
import type { Reloader } from '../reload/reloader.ts';
import { asStoreError } from '../store/store-errors.ts';
import { createApply } from './apply-config.ts';
import { storeNameOf } from './build-base.ts';
import { type AllWork, buildAll } from './build-work.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createMonitoring } from './monitoring.ts';
import { openControl, routesOf } from './open-control.ts';
import type { AppOptions, Ending } from './options.ts';
import { startReloading } from './reloading.ts';

/** Lookout, built from a configuration and running: all of its work in one process. */
export interface App extends Omit<AllWork, 'surfaces' | 'rooms'> {
  /** Resolves only if the process cannot continue. */
  readonly ending: Promise<Ending>;
  readonly lastReload: LastReload;
  /** Null: the configuration does not change while Lookout runs. */
  readonly reloader: Reloader | null;
  /** Closes the source, commits received events, waits at most `graceMs` for sends in flight, closes everything. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Builds every part, connects them and starts. Throws a `StoreError` or `MetricsStartError` with advice for the
 * operator.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const lifecycle = createLifecycle(options);
  try {
    return await build(options, lifecycle);
  } catch (err) {
    await lifecycle.stop(0);
    throw asStoreError(storeNameOf(options.config), err);
  }
}

async function build(given: AppOptions, lifecycle: Lifecycle): Promise<App> {
  const { promise: ending, resolve: end } = Promise.withResolvers<Ending>();
  logProxies(given);
  const lastReload = new LastReload(given.clock);
  const alone = { lastReload: () => lastReload, units: () => [], configDiffers: () => false };
  const monitoring = await createMonitoring({ ...given, process: alone });
  const work = await buildAll(given, { monitoring, end }, lifecycle);
  const { base, delivery, ingest, inputs, surfaces } = work;
  const options = { ...given, clock: base.clock };
  const apply = createApply(options, { ...work, monitoring });
  const { tell } = delivery;
  const reloader = startReloading(options, { config: base.config, apply, tell, lastReload }, lifecycle);
  const routes = routesOf(options, { base, delivery, surfaces, reloader });
  await openControl(options, { routes, secrets: () => base.config().secrets }, lifecycle);
  return { ending, base, delivery, ingest, inputs, reloader, lastReload, stop: lifecycle.stop };
}

/** Says through which proxies connections leave. */
export function logProxies({ config, log }: Pick<AppOptions, 'config' | 'log'>): void {
  for (const proxy of config.network.proxies.all) {
    const which = proxy.from === 'HTTPS_PROXY' ? 'https and wss' : 'http and ws';
    log.info(
      { proxy: nameOf(proxy) },
      `connections over ${which} go through the proxy ${nameOf(proxy)} (${proxy.from})`,
    );
  }
}
