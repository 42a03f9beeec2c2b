import type { Pipeline } from '../ingest/pipeline.ts';
import type { Source } from '../inputs/source/source.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { asStoreError } from '../store/store-errors.ts';
import { buildBase, storeFileOf } from './build-base.ts';
import { buildDelivery } from './build-delivery.ts';
import { buildIngest } from './build-ingest.ts';
import { buildInputs } from './build-inputs.ts';
import { buildSurfaces } from './build-surfaces.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createMonitoring } from './monitoring.ts';
import type { AppOptions, Ending } from './options.ts';

/** Lookout, built from a configuration and running. */
export interface App {
  /** Resolves only if there is no sense in going on. */
  readonly ending: Promise<Ending>;
  readonly source: Source;
  readonly pipeline: Pipeline;
  readonly outbox: Outbox;
  /** Closes the source, commits what was received, lets sends in flight end for at most `graceMs`, closes everything. */
  stop(graceMs: number): Promise<void>;
}

/** Builds every part, connects them and starts. Throws a `StoreError` or `MetricsStartError` that a human can act on. */
export async function startApp(options: AppOptions): Promise<App> {
  const lifecycle = createLifecycle(options);
  try {
    return await build(options, lifecycle);
  } catch (err) {
    await lifecycle.stop(0);
    throw asStoreError(storeFileOf(options.config), err);
  }
}

/** The four phases: the way out first, so that whatever comes in finds it. */
async function build(options: AppOptions, lifecycle: Lifecycle): Promise<App> {
  const { promise: ending, resolve: end } = Promise.withResolvers<Ending>();
  const monitoring = await createMonitoring(options);
  const base = await buildBase(options, lifecycle);
  const delivery = await buildDelivery(options, { base, monitoring, end }, lifecycle);
  const ingest = await buildIngest(options, { base, monitoring }, lifecycle);
  const inputs = await buildInputs(options, { base, delivery, ingest, end }, lifecycle);
  await buildSurfaces(options, { base, delivery, ingest, inputs, monitoring }, lifecycle);

  const { outbox } = delivery;
  const { pipeline } = ingest;
  const { source, details, missed } = inputs;
  base.watch.begin();
  outbox.start();
  pipeline.start();
  details.start();
  missed.start(source);
  source.start();
  return { ending, source, pipeline, outbox, stop: lifecycle.stop };
}
