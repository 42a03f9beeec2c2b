import { nameOf } from '../http/proxies.ts';
import type { Reloader } from '../reload/reloader.ts';
import { asStoreError } from '../store/store-errors.ts';
import { type Base, buildBase, storeNameOf } from './build-base.ts';
import { buildDelivery, type Delivery } from './build-delivery.ts';
import { buildIngest, type Ingest } from './build-ingest.ts';
import { buildInputs, type Inputs } from './build-inputs.ts';
import { buildSurfaces } from './build-surfaces.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createMonitoring } from './monitoring.ts';
import { openControl } from './open-control.ts';
import type { AppOptions, Ending } from './options.ts';
import { startReloading } from './reloading.ts';

/** Lookout, built from a configuration and running. */
export interface App {
  /** Resolves only if the process cannot continue. */
  readonly ending: Promise<Ending>;
  /** The running parts, by the phase that built them. */
  readonly base: Base;
  readonly delivery: Delivery;
  readonly ingest: Ingest;
  readonly inputs: Inputs;
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

/** Runs the four phases. Delivery comes first, so that it is ready for the events of the others. */
async function build(given: AppOptions, lifecycle: Lifecycle): Promise<App> {
  const { promise: ending, resolve: end } = Promise.withResolvers<Ending>();
  for (const proxy of given.config.network.proxies.all) {
    const which = proxy.from === 'HTTPS_PROXY' ? 'https and wss' : 'http and ws';
    given.log.info(
      { proxy: nameOf(proxy) },
      `connections over ${which} go through the proxy ${nameOf(proxy)} (${proxy.from})`,
    );
  }
  const base = await buildBase(given, lifecycle);
  const options = { ...given, clock: base.clock };
  const monitoring = await createMonitoring(options);
  const delivery = await buildDelivery(options, { base, monitoring, end }, lifecycle);
  const ingest = await buildIngest(options, { base, monitoring }, lifecycle);
  const inputs = await buildInputs(options, { base, delivery, ingest, end }, lifecycle);
  const surfaces = await buildSurfaces(options, { base, delivery, ingest, inputs, monitoring }, lifecycle);

  const { source, details, missed } = inputs;
  base.watch.begin();
  delivery.outbox.start();
  ingest.pipeline.start();
  details.start();
  missed.start(source);
  source.start();
  const parts = { base, delivery, ingest, inputs, surfaces, monitoring };
  const reloader = startReloading(options, parts, lifecycle);
  await openControl(options, { base, delivery, surfaces, reloader }, lifecycle);
  return { ending, base, delivery, ingest, inputs, reloader, stop: lifecycle.stop };
}
